/**
 * The service worker: keeps one whole release on this device, so that the app opens without the server.
 *
 * Guarantees: a file is kept only if it has the hash that the release lists; calls to the server are never kept.
 */

export {};

/** What this file uses of a service worker's global scope: the page's own types have no such thing. */
interface Waits extends Event {
  waitUntil(done: Promise<unknown>): void;
}

interface Fetches extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Scope {
  readonly location: Location;
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate", take: (event: Waits) => void): void;
  addEventListener(type: "fetch", take: (event: Fetches) => void): void;
}

const sw = self as unknown as Scope;
const LIST = "/app/release.json";
const CACHE = "release";
const PAGE = "/";

interface Release {
  readonly files: Readonly<Record<string, string>>;
}

async function digest(body: ArrayBuffer): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Fetch a whole release, check each file, and only then put it in the place of the one before. */
async function keepRelease(): Promise<void> {
  const listed = await fetch(LIST, { cache: "no-store" });
  if (!listed.ok) throw new Error("the release has no list");
  const release = (await listed.clone().json()) as Release;
  const kept = new Map<string, Response>();
  for (const [path, hash] of Object.entries(release.files)) {
    const address = path === "index.html" ? PAGE : `/app/${path}`;
    const answer = await fetch(address, { cache: "no-cache" });
    if (!answer.ok || (await digest(await answer.clone().arrayBuffer())) !== hash) {
      throw new Error(`${path} is not the file that the release lists`);
    }
    kept.set(address, answer);
  }
  await caches.delete(CACHE);
  const cache = await caches.open(CACHE);
  for (const [address, answer] of kept) await cache.put(address, answer);
}

async function answerOf(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request.mode === "navigate" ? PAGE : url.pathname);
  return kept ?? fetch(request);
}

sw.addEventListener("install", (event) => {
  event.waitUntil(keepRelease().then(() => sw.skipWaiting()));
});

sw.addEventListener("activate", (event) => {
  event.waitUntil(sw.clients.claim());
});

sw.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = url.pathname === PAGE || url.pathname.startsWith("/app/");
  if (event.request.method === "GET" && url.origin === sw.location.origin && ours) {
    event.respondWith(answerOf(event.request));
  }
});
