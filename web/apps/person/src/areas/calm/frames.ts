/** Time that passes while somebody looks: it stands still with the page out of sight. I/O: the browser's frames. */

import { useEffect } from "preact/hooks";

import { holdOpen } from "../../idle.ts";

/** A longer gap between two frames is no time that anybody saw. */
const LONGEST_FRAME_MS = 250;
const SECOND_MS = 1000;

/** Tell whether this person asked for less movement. */
export function wantsStill(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Call `passed` with the seconds since the last call, each frame, while `going`; the screen stays on meanwhile. */
export function useFrames(going: boolean, passed: (seconds: number) => void): void {
  useEffect(() => {
    if (!going) return;
    let before = performance.now();
    const frame = (): void => {
      const now = performance.now();
      passed(Math.min(now - before, LONGEST_FRAME_MS) / SECOND_MS);
      before = now;
      asked = requestAnimationFrame(frame);
    };
    let asked = requestAnimationFrame(frame);
    const light = keepLit();
    const open = holdOpen();
    return () => {
      cancelAnimationFrame(asked);
      light();
      open();
    };
  }, [going]);
}

/** Keep the screen from going dark, where the browser can; returns what lets it. */
export function keepLit(): () => void {
  // Older browsers have none, whatever the types say; a device that saves its battery may refuse.
  const locks = (navigator as { readonly wakeLock?: WakeLock }).wakeLock;
  const held = locks?.request("screen").catch(() => null);
  return () => {
    void held?.then((one) => one?.release());
  };
}
