/** The page hears from the service worker whether the server sends a known release, and says so before anything opens. */

import { unknownApp } from "./app.ts";
import type { Verdict } from "./release.ts";

const OPENED = "opened";

/** Start the service worker; one that is there already is asked to look at what the server sends now. */
export function watchRelease(register: () => Promise<ServiceWorkerRegistration>): void {
  const { serviceWorker } = navigator;
  serviceWorker.addEventListener("message", (event: MessageEvent<Verdict>) => {
    unknownApp.value = event.data === "unknown";
  });
  serviceWorker.startMessages();
  serviceWorker.controller?.postMessage(OPENED);
  void register().catch(() => undefined); // it also fails where the server can't be reached: the kept copy goes on
}
