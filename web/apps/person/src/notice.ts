/**
 * The notification of a reminder: a neutral title, one sentence, nothing else. Used by the service worker only.
 *
 * Guarantees: what it says is known before a push comes and never comes with one; nothing of an entry is there to be
 * shown, since nothing here opens one. The words rest plain beside the kept release, only while reminders are on.
 */

export const NOTICE_CACHE = "notice";
const ROW = "/notice";
const TAG = "reminder";

/** What a notification says: the app's name as it looks from outside, and a sentence in the person's language. */
export interface Notice {
  readonly title: string;
  readonly body: string;
  readonly icon: string;
  readonly lang: string;
}

/** What a page says about notifications: `keep` from now on, `change` what is kept if anything is, or `drop` it. */
export type NoticeWord = { readonly keep: Notice } | { readonly change: Notice } | { readonly drop: true };

/** What this file uses of a service worker. */
interface Shows {
  readonly registration: {
    showNotification(title: string, options: NotificationOptions): Promise<void>;
    getNotifications(options: { tag: string }): Promise<readonly { close(): void }[]>;
  };
  readonly clients: {
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<readonly { focus(): Promise<unknown> }[]>;
    openWindow(address: string): Promise<unknown>;
  };
}

/** The app as it came: what is shown if a browser cleared what was kept, since something has to be. */
const USUAL: Notice = { title: "Notes", body: "You have a reminder.", icon: "/app/icon.svg", lang: "en" };

async function kept(): Promise<Notice | null> {
  const found = await caches.match(ROW, { cacheName: NOTICE_CACHE });
  return found === undefined ? null : ((await found.json()) as Notice);
}

/** Take what a page says about notifications. */
export async function takeWord(word: NoticeWord, sw: Shows): Promise<void> {
  if ("drop" in word) {
    await caches.delete(NOTICE_CACHE);
    for (const one of await sw.registration.getNotifications({ tag: TAG })) one.close();
    return;
  }
  if ("change" in word && (await kept()) === null) return;
  const notice = "keep" in word ? word.keep : word.change;
  await (await caches.open(NOTICE_CACHE)).put(ROW, new Response(JSON.stringify(notice)));
}

/** Show that there is a reminder; a second one takes the place of the first. What a push carries is not looked at. */
export async function remind(sw: Shows): Promise<void> {
  const { title, ...options } = (await kept()) ?? USUAL;
  await sw.registration.showNotification(title, { ...options, tag: TAG });
}

/** Open the app where it stands, or anew. */
export async function openApp(sw: Shows): Promise<void> {
  const [open] = await sw.clients.matchAll({ type: "window", includeUncontrolled: true });
  await (open === undefined ? sw.clients.openWindow("/") : open.focus());
}
