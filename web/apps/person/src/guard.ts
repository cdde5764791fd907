/**
 * One entry of the browser's history catches the system's Back: it leads back within the app, and moves within the app add
 * nothing to the history. I/O: the browser's history.
 */

let leaving = false;
let begun = false;

/** An entry of this app's own says how many entries lie between it and the one that the app was opened with. */
interface Guard {
  readonly guard: number;
}

/** Return how far this entry lies above the one that the app was opened with; 0 for that one. */
function depth(): number {
  const state = history.state as Partial<Guard> | null;
  return typeof state?.guard === "number" ? state.guard : 0;
}

function push(): void {
  history.pushState({ guard: 1 } satisfies Guard, "");
}

/** Catch the system's Back from now on: `back` goes one step back within the app, false where there is none. */
export function guard(back: () => boolean): void {
  begun = true;
  if (depth() === 0) push();
  addEventListener("popstate", () => {
    // A link that was opened in this tab: `cleanAddress` takes it out.
    if (leaving || depth() > 0 || location.hash !== "") return;
    if (back()) push();
    else history.back(); // nothing is left to go back to here: out of the app, as the person asked
  });
}

/** Take what stands behind the # out of the address, and out of the history: it may be a secret. */
export function cleanAddress(): void {
  // What came in by a link while the app was open lies above the guard, and is no step of the app.
  history.replaceState(begun ? ({ guard: 2 } satisfies Guard) : null, "", "/");
  if (begun) history.back();
}

/** Step over the guard on the way out, then call `out`; false if none stands. */
export function unguard(out: () => void): boolean {
  const above = depth();
  if (above === 0) return false;
  leaving = true;
  addEventListener("popstate", out, { once: true });
  history.go(-above);
  return true;
}
