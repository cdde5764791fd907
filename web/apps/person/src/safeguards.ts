/** What this app can't do without: looked for before anything else is begun. I/O: asks the browser what it has. */

/** Return what is missing: a connection that nobody can read or change, or a part of the browser; null: nothing. */
export function missing(): "https" | "browser" | null {
  if (!isSecureContext) return "https";
  const has = "subtle" in crypto && "indexedDB" in globalThis && "Worker" in globalThis && "locks" in navigator;
  // What is newest of what this app uses: a browser without it is some years behind with its mends too.
  const recent = typeof Promise.withResolvers === "function" && typeof Map.groupBy === "function";
  return has && recent ? null : "browser";
}
