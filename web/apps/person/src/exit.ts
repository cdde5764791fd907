/**
 * Leaving at once: the page goes blank in the same frame, keys are dropped with the worker, sound and speech stop, and the
 * browser's Back does not return.
 *
 * Does not: clear the browser's history of other pages, or close an installed app, which no page can.
 */

import { comforts, exitPage } from "./comforts.ts";
import { unguard } from "./guard.ts";

const PRESSES = 3;
const WITHIN_MS = 5000;
/** How long the step over this app's own entry of the history may take; a browser that takes longer is left at once. */
const STEP_MS = 150;

let worker: Worker | null = null;
const STOPPED: (() => void)[] = [];

/** Say which worker holds the keys, so that leaving ends it. */
export function endsWith(one: Worker): void {
  worker = one;
}

/** Say what is to be stopped by leaving, such as a sound; returns what takes that back. */
export function stopsAtExit(stop: () => void): () => void {
  STOPPED.push(stop);
  return () => {
    STOPPED.splice(STOPPED.indexOf(stop), 1);
  };
}

/** Leave now. */
export function leavePage(): void {
  document.body.replaceChildren();
  document.title = " ";
  worker?.terminate();
  for (const stop of [...STOPPED]) stop(); // each may take itself back
  if ("speechSynthesis" in globalThis) speechSynthesis.cancel();
  let gone = false;
  const out = (): void => {
    if (!gone) location.replace(exitPage());
    gone = true;
  };
  if (!unguard(out)) out();
  else setTimeout(out, STEP_MS);
}

let practising: (() => void) | null = null;

/** Let Shift three times call `act` in place of leaving, until what is returned is called: somebody practises. */
export function practiseShift(act: () => void): () => void {
  practising = act;
  return () => {
    practising = null;
  };
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
    if (event.key !== "Shift" || !alone || comforts.value.noShift) return;
    const now = performance.now();
    presses = [...presses.filter((one) => now - one < WITHIN_MS), now];
    if (presses.length < PRESSES) return;
    presses = [];
    (practising ?? leave)();
  };
  addEventListener("keydown", down, true);
  addEventListener("keyup", up, true);
  return () => {
    removeEventListener("keydown", down, true);
    removeEventListener("keyup", up, true);
  };
}
