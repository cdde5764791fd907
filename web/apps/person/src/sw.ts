/**
 * The service worker: keeps one whole release on this device, so that the app opens without the server, and says so
 * when the server sends what is no logged release (`release.ts`). Shows that there is a reminder (`notice.ts`).
 *
 * Guarantees: calls to the server are never kept. Does not: protect from a server that sends another service worker.
 */

import { openApp, remind, takeWord, type NoticeWord } from "./notice.ts";
import { PAGE, answerOf, check } from "./release.ts";

/** What this file uses of a service worker's global scope: the page's own types have no such thing. */
interface Waits extends Event {
  waitUntil(done: Promise<unknown>): void;
}

interface Fetches extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Said extends Waits {
  readonly data: unknown;
}

interface Pressed extends Waits {
  readonly notification: { close(): void };
}

interface Client {
  postMessage(message: string): void;
  focus(): Promise<unknown>;
}

interface Scope {
  readonly location: Location;
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<readonly Client[]>;
    openWindow(address: string): Promise<unknown>;
  };
  readonly registration: {
    showNotification(title: string, options: NotificationOptions): Promise<void>;
    getNotifications(options: { tag: string }): Promise<readonly { close(): void }[]>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install" | "activate" | "push", take: (event: Waits) => void): void;
  addEventListener(type: "message", take: (event: Said) => void): void;
  addEventListener(type: "notificationclick", take: (event: Pressed) => void): void;
  addEventListener(type: "fetch", take: (event: Fetches) => void): void;
}

const sw = self as unknown as Scope;

/** Look at what the server sends, and tell every page how that stands. Raises unless a whole release is kept now. */
async function checkAndTell(): Promise<void> {
  const verdict = await check();
  const pages = await sw.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (verdict !== "unreached") for (const page of pages) page.postMessage(verdict);
  if (verdict !== "known") throw new Error(`the server's release: ${verdict}`);
}

sw.addEventListener("install", (event) => {
  event.waitUntil(checkAndTell().then(() => sw.skipWaiting()));
});

sw.addEventListener("activate", (event) => {
  event.waitUntil(sw.clients.claim());
});

/** A page says what notifications are to say, or that it was opened; it says nothing else. */
sw.addEventListener("message", (event) => {
  const { data } = event;
  if (typeof data === "object" && data !== null) event.waitUntil(takeWord(data as NoticeWord, sw));
  else event.waitUntil(checkAndTell().catch(() => undefined));
});

sw.addEventListener("push", (event) => {
  event.waitUntil(remind(sw));
});

sw.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(openApp(sw));
});

sw.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const ours = url.pathname === PAGE || url.pathname.startsWith("/app/");
  if (event.request.method === "GET" && url.origin === sw.location.origin && ours) {
    event.respondWith(answerOf(event.request));
  }
});
