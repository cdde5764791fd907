/**
 * Covering and locking by itself: hidden as soon as the page is not in front, so that no picture of it is left in the list
 * of apps; locked after a while without a touch. I/O: the page's own events.
 */

import { api, choices, refresh, stage } from "./app.ts";

/** Short enough for a phone that was put down; what is written is kept, and opening again needs no server. */
export const USUAL_MINUTES = 2;
const LOOK_EVERY_MS = 10_000;
const MINUTE_MS = 60_000;
const COVERED = "covered";

let touchedAt = Date.now();

/** Let go of every key, and show the page that opens it again. */
export async function lockNow(): Promise<void> {
  await api().lock();
  await refresh();
  stage.value = "locked";
}

function touched(): void {
  touchedAt = Date.now();
}

let held = 0;

/** Count somebody as here while something runs that needs no touch, such as breathing; returns what ends that. */
export function holdOpen(): () => void {
  held += 1;
  return () => {
    held -= 1;
    touched();
  };
}

function look(): void {
  const minutes = choices.peek().lockAfterMinutes ?? USUAL_MINUTES;
  if (stage.peek() !== "open" || minutes === 0) return;
  if (Date.now() - touchedAt >= minutes * MINUTE_MS) void lockNow();
}

/** Cover the page whenever it is hidden, and lock it after a while without a touch. */
export function watchIdle(): void {
  for (const one of ["pointerdown", "keydown", "wheel"]) addEventListener(one, touched, { capture: true, passive: true });
  setInterval(() => {
    if (held > 0 && document.visibilityState === "visible") touched();
    look();
  }, LOOK_EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    const hidden = document.visibilityState === "hidden";
    document.documentElement.classList.toggle(COVERED, hidden);
    if (!hidden) look(); // a page that slept comes back locked, not for a moment open
  });
}
