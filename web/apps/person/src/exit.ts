/**
 * Leaving at once: the page goes blank in the same frame, keys are dropped with the worker, nothing stays in the history.
 */

const OUTSIDE = "about:blank";
const PRESSES = 3;
const WITHIN_MS = 5000;

let worker: Worker | null = null;

/** Say which worker holds the keys, so that leaving ends it. */
export function endsWith(one: Worker): void {
  worker = one;
}

/** Leave now. */
export function leavePage(): void {
  document.body.replaceChildren();
  document.title = " ";
  worker?.terminate();
  location.replace(OUTSIDE);
}

/** Call `leave` when Shift is pressed three times with no other key between, within five seconds. */
export function watchShift(leave: () => void): () => void {
  let presses: number[] = [];
  let alone = false;
  const down = (event: KeyboardEvent): void => {
    if (event.key !== "Shift") presses = [];
    alone = event.key === "Shift" && !event.repeat;
  };
  const up = (event: KeyboardEvent): void => {
    if (event.key !== "Shift" || !alone) return;
    const now = performance.now();
    presses = [...presses.filter((one) => now - one < WITHIN_MS), now];
    if (presses.length >= PRESSES) leave();
  };
  addEventListener("keydown", down, true);
  addEventListener("keyup", up, true);
  return () => {
    removeEventListener("keydown", down, true);
    removeEventListener("keyup", up, true);
  };
}
