/** What the page knows: where it stands, what it shows, what went wrong. One engine, one set of signals. */

import { signal } from "@preact/signals";

import type { PageName } from "./areas/index.ts";
import type { Api } from "./engine/api.ts";
import type { Choices, ContactShown, EntryShown, Status, SyncedShown } from "./engine/shown.ts";
import { EngineError } from "@mindhaven/sdk/browser";
import { NoSecretError } from "./passkeys.ts";
import { faultText, heldTexts, words } from "./words.ts";
import { language } from "./words/language.ts";

/** Where the app stands. `first` and `join` go before there is anything; `open` shows one of the views. */
export type Stage = "loading" | "elsewhere" | "welcome" | "first" | "join" | "locked" | "open" | "gone";
export type View = "today" | "back" | "plan" | "people" | "you";

/** A fault as it is shown: what is so, then what to do. */
export interface Fault {
  readonly message: string;
  readonly hint: string | null;
  /** The page on which something can be done about it. */
  readonly page?: PageName;
}

export const stage = signal<Stage>("loading");
export const view = signal<View>("today");
/** The page that is open within the view; null: the view itself. */
export const page = signal<PageName | null>(null);
/** The entry that a page is about, if it is about one (an id). */
export const chosenItem = signal<string | null>(null);
/** Counts each press on the bar: a press leads to the beginning of its view, also from within it. */
export const visit = signal(0);
export const status = signal<Status>({ stage: "empty" });
export const entries = signal<readonly EntryShown[]>([]);
/** What was begun and not saved, by the name of what it is about: an entry's id, or a page's own name. */
export const drafts = signal<Readonly<Record<string, string>>>({});
/** What this person chose on this device, sealed like the entries. */
export const choices = signal<Choices>({});
export const contacts = signal<readonly ContactShown[]>([]);
export const fault = signal<Fault | null>(null);
export const offline = signal(false);
/** Whether the server let this device's session end, as when keys were changed elsewhere; writing goes on meanwhile. */
export const signedOut = signal(false);
/** What this browser lacks, if it lacks something that this app can't do without. */
export const lacking = signal<"https" | "browser" | null>(null);
/** Whether this device is shared: nothing is kept on it. */
export const sharedDevice = signal(false);
export const invitation = signal<string | null>(null);
/** Whether the server sends an app that is no logged release; what runs is the copy kept before, if there is one. */
export const unknownApp = signal(false);
/** The link of a new device that this one was opened with. */
export const pairLink = signal<string | null>(null);

/** Show a view, or a page within it, from its beginning. */
export function show(to: View, inner: PageName | null = null, item: string | null = null): void {
  fault.value = null;
  chosenItem.value = item;
  view.value = to;
  page.value = inner;
  visit.value += 1;
  scrollTo(0, 0);
}

/** Open a page within the view that is shown, about an entry if it is about one. */
export function openPage(inner: PageName, item: string | null = null): void {
  show(view.value, inner, item);
}

/** Go back from a page to its view. */
export function closePage(): void {
  show(view.value);
}

/** Where two histories are looked at. */
const HISTORIES = { page: "histories" } as const;
/** Families of errors that say: what the server shows does not fit what was seen before. */
const UNFIT: ReadonlySet<string> = new Set(["IntegrityError", "RollbackError", "WithheldError"]);

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

/** Tell whether the person, or the browser for them, said no. */
export function refused(error: unknown): boolean {
  return error instanceof Error && error.name === "NotAllowedError";
}

/** Tell whether the authenticator has a passkey of this account already. */
export function passkeyThere(error: unknown): boolean {
  return error instanceof Error && error.name === "InvalidStateError";
}

/** Return what a failure means for the person. */
export function faultOf(error: unknown): Fault {
  if (error instanceof EngineError) {
    return faultText(error.reason, error.family) ?? { message: error.message, hint: error.hint ?? null };
  }
  if (error instanceof NoSecretError) return { message: words.noSecret, hint: null };
  if (refused(error)) return { message: words.unchanged, hint: null };
  if (passkeyThere(error)) {
    return { message: words.passkeyThere, hint: words.passkeyThereHint };
  }
  return { message: words.unexpected, hint: words.unexpectedHint };
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

/** Do something beside what the person does: what goes wrong is shown, and nothing that is shown is taken away. */
export async function quietly(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    fault.value = faultOf(error);
  }
}

/** Read anew what the engine has; once it is locked, the page holds nothing either. */
export async function refresh(): Promise<void> {
  status.value = await api().status();
  if (status.value.stage !== "open") {
    entries.value = [];
    contacts.value = [];
    drafts.value = {};
    choices.value = {};
    return;
  }
  // What is being written here is newer than what rests.
  drafts.value = { ...(await api().drafts()), ...drafts.value };
  choices.value = await api().choices();
  entries.value = await api().entries(null);
  contacts.value = status.value.finished ? await api().contacts() : [];
}

/** Keep a choice of this person's on this device; null takes it back. */
export async function choose(name: keyof Choices, value: Choices[keyof Choices] | null): Promise<void> {
  choices.value = await api().choose(name, value);
}

/** Send and fetch in the background: writing never waits for it, being offline is no fault. */
export async function sync(): Promise<void> {
  if (status.value.stage !== "open" || !status.value.signedIn) return;
  try {
    const synced = await api().sync();
    offline.value = false;
    signedOut.value = false;
    fault.value = told(synced);
    keepSignal();
  } catch (error) {
    if (lockedMeanwhile(error)) return;
    if (error instanceof EngineError && error.reason === "offline") offline.value = true;
    else fault.value = withoutLoss(error);
    signedOut.value = error instanceof EngineError && error.family === "SignedOutError";
  }
  await refresh().catch((error: unknown) => {
    if (!lockedMeanwhile(error)) throw error;
  });
}

let signalled = false;

/** Tell the server, once a sitting, that this browser says no to selling and sharing (Global Privacy Control). */
function keepSignal(): void {
  const { globalPrivacyControl } = navigator as { readonly globalPrivacyControl?: boolean };
  if (signalled || globalPrivacyControl !== true) return;
  signalled = true;
  void quietly(() => api().keepSignal(language.value));
}

/** Tell whether something failed since the app was locked while it ran: that is no fault. */
function lockedMeanwhile(error: unknown): boolean {
  return error instanceof EngineError && error.reason === "locked";
}

/** Return what a sync has to say, all of it: what waits, what a server that was set back lacks, what its logs show. */
function told({ held, why, logFault, lacks }: SyncedShown): Fault | null {
  const said = heldTexts(held, why);
  const split = lacks !== null && lacks.split > 0;
  if (split) said.push(words.restoredSplit);
  else if (lacks !== null && lacks.behind > 0) said.push(words.restoredBehind);
  const page = split ? HISTORIES : {};
  if (logFault === null) return said.length === 0 ? null : { message: said.join(" "), hint: null, ...page };
  const { message, hint } = faultText(logFault.reason, "IntegrityError") ?? logFault;
  return { message: [message, ...said].join(" "), hint: logFault.receipt ? hint : adding(hint, words.logFault), ...page };
}

/** Return what a failed sync means: what the server sent and does not fit was not taken up. */
function withoutLoss(error: unknown): Fault {
  const { message, hint } = faultOf(error);
  if (error instanceof EngineError && error.reason === "index-split") {
    return { message: words.restoredSplit, hint: null, ...HISTORIES };
  }
  if (!(error instanceof EngineError) || !UNFIT.has(error.family)) return { message, hint };
  return { message, hint: adding(hint, words.keepWriting) };
}

function adding(hint: string | null, more: string): string {
  return hint === null ? more : `${hint} ${more}`;
}
