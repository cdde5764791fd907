/** What the browser does for reminders: permission, its push service, the words of a notification. I/O: the browser. */

import { comforts, type Look } from "../../comforts.ts";
import type { Notice, NoticeWord } from "../../notice.ts";
import { language } from "../../words/language.ts";
import { keyBytes } from "./times.ts";
import { say } from "./words.ts";

const NAMES: Readonly<Record<Look, string>> = { notes: "Notes", lists: "Lists", days: "Days" };

/** `unable`: this browser has no push. `blocked`: somebody said no before; only the browser's settings undo that. */
export type Ability = "able" | "unable" | "blocked";

/** Tell what this browser would do; asks for nothing. */
export function ability(): Ability {
  if (!("serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis)) return "unable";
  return Notification.permission === "denied" ? "blocked" : "able";
}

/** Tell whether this is a device of Apple's on which only an app on the home screen has push. */
export function needsHomeScreen(): boolean {
  return /iPhone|iPad/.test(navigator.userAgent);
}

/** Ask for permission; returns whether it was given. */
export async function permitted(): Promise<boolean> {
  return (await Notification.requestPermission()) === "granted";
}

/** Register at the browser's push service for this server, by its key; returns the address. */
export async function subscribe(key: string): Promise<string> {
  const { pushManager } = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: keyBytes(key) };
  const subscription = await pushManager.subscribe(options).catch(async (error: unknown) => {
    if (!(error instanceof DOMException) || error.name !== "InvalidStateError") throw error;
    await (await pushManager.getSubscription())?.unsubscribe(); // one made for another key of this server
    return pushManager.subscribe(options);
  });
  return subscription.endpoint;
}

/** Return the address under which this browser is registered now; null: none. */
export async function address(): Promise<string | null> {
  if (ability() === "unable") return null;
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration?.pushManager.getSubscription())?.endpoint ?? null;
}

/** Let go of the registration, and of the words. */
export async function unsubscribe(): Promise<void> {
  if (ability() === "unable") return;
  const registration = await navigator.serviceWorker.getRegistration();
  if (registration === undefined) return;
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  registration.active?.postMessage({ drop: true } satisfies NoticeWord);
}

function notice(): Notice {
  const { look } = comforts.value;
  const icon = `/app/${look === "notes" ? "icon" : `icon-${look}`}.svg`;
  return { title: NAMES[look], body: say.notice, icon, lang: language.value };
}

/** Keep what a notification says, in the language and under the name that stand now. */
export async function keepWords(): Promise<void> {
  (await navigator.serviceWorker.ready).active?.postMessage({ keep: notice() } satisfies NoticeWord);
}

/** Say it otherwise from now on, if anything is kept: after the app's name or language changed. */
export async function changeWords(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.getRegistration();
  registration?.active?.postMessage({ change: notice() } satisfies NoticeWord);
}
