/** The browser's offer to install this, held back until the person asks: an installed name and picture stay. */

import { signal } from "@preact/signals";

interface Offer extends Event {
  prompt: () => Promise<unknown>;
}

/** What the browser offered; null: nothing, or it was taken. */
export const installing = signal<Offer | null>(null);

/** Hold offers back. */
export function holdInstall(): void {
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    installing.value = event as Offer;
  });
}
