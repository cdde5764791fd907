/** What the page knows: where it stands, what it shows, what went wrong. One engine, one set of signals. */

import { signal } from "@preact/signals";

import type { Api } from "./engine/api.ts";
import type { ContactShown, EntryShown, Status } from "./engine/shown.ts";
import { EngineError } from "@mindhaven/sdk/browser";

/** Where the app stands. `first` and `join` go before there is anything; `open` shows one of the views. */
export type Stage = "loading" | "elsewhere" | "welcome" | "first" | "join" | "locked" | "open" | "gone";
export type View = "today" | "back" | "people" | "you";

/** A fault as it is shown: what is so, then what to do. */
export interface Fault {
  readonly message: string;
  readonly hint: string | null;
}

export const stage = signal<Stage>("loading");
export const view = signal<View>("today");
export const status = signal<Status>({ stage: "empty" });
export const entries = signal<readonly EntryShown[]>([]);
export const contacts = signal<readonly ContactShown[]>([]);
export const fault = signal<Fault | null>(null);
export const offline = signal(false);
export const invitation = signal<string | null>(null);
/** Whether the server sends an app that is no logged release; what runs is the copy kept before, if there is one. */
export const unknownApp = signal(false);
/** The link of a new device that this one was opened with. */
export const pairLink = signal<string | null>(null);

let engine: Api | null = null;

/** Give the page its engine. */
export function useEngine(api: Api): void {
  engine = api;
}

/** Return the engine; the page asks for nothing before it is there. */
export function api(): Api {
  if (engine === null) throw new TypeError("the engine is not there yet");
  return engine;
}

/** Return what a failure means for the person. */
export function faultOf(error: unknown): Fault {
  if (error instanceof EngineError) return { message: error.message, hint: error.hint ?? null };
  if (error instanceof Error && error.name === "NotAllowedError") return { message: "Nothing was changed.", hint: null };
  return { message: "Something went wrong in this app.", hint: "Your entries on this device stay." };
}

/** Do something; what goes wrong is shown, never lost. Returns whether it went well. */
export async function attempt(act: () => Promise<void>): Promise<boolean> {
  fault.value = null;
  try {
    await act();
    return true;
  } catch (error) {
    fault.value = faultOf(error);
    return false;
  }
}

/** Read anew what the engine has. */
export async function refresh(): Promise<void> {
  status.value = await api().status();
  if (status.value.stage !== "open") return;
  entries.value = await api().entries(null);
  contacts.value = status.value.finished ? await api().contacts() : [];
}

/** Send and fetch in the background: writing never waits for it, being offline is no fault. */
export async function sync(): Promise<void> {
  if (status.value.stage !== "open" || !status.value.signedIn) return;
  try {
    const { held } = await api().sync();
    offline.value = false;
    fault.value = held.length === 0 ? null : { message: held.join(" "), hint: null };
  } catch (error) {
    if (error instanceof EngineError && error.reason === "offline") offline.value = true;
    else fault.value = faultOf(error);
  }
  await refresh();
}
