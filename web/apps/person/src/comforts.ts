/**
 * How this app behaves on this device before anything is unlocked: where Exit leads, how the app looks from outside.
 *
 * It rests plain in the browser's storage, since it is needed while everything is locked; none of it tells of health.
 */

import { signal } from "@preact/signals";

/** Names and pictures that tell nothing; chosen before the app is installed, since those stay. */
export const LOOKS = ["notes", "lists", "days"] as const;
export type Look = (typeof LOOKS)[number];

/** What the person chose, and nothing else: what the host named is no choice of theirs (`exitPage`). */
export interface Comforts {
  readonly look: Look;
  /** Shift three times does not exit. */
  readonly noShift: boolean;
  /** The ordinary page of their own that Exit leads to, or `BLANK`; "": none was chosen. */
  readonly exitTo: string;
}

const KEPT = "comforts";
/** Where the host's page rests (`hostexit.ts`). */
export const HOST = "exit";
export const NOWHERE = "about:blank";
/** That a person chose a blank page. */
export const BLANK = "blank";
/** The title that the page came with. */
const GIVEN = document.title;
const TITLES: Readonly<Record<Exclude<Look, "notes">, string>> = { lists: "Lists", days: "Days" };

/** Tell whether Exit may lead to an address: an ordinary page. */
export function mayExitTo(address: unknown): address is string {
  return typeof address === "string" && URL.canParse(address) && new URL(address).protocol === "https:";
}

/** Return the page that the host named, a blank one if they named none. */
export function hostExit(): string {
  const named = localStorage.getItem(HOST);
  return mayExitTo(named) ? named : NOWHERE;
}

/** Return where Exit leads: the person's own page goes before the host's. */
export function exitPage(): string {
  const { exitTo } = comforts.value;
  return exitTo === BLANK ? NOWHERE : exitTo || hostExit();
}

function parsed(text: string): Partial<Comforts> {
  try {
    return { ...(JSON.parse(text) as Partial<Comforts>) };
  } catch {
    return {};
  }
}

/** Return what rests. A blank page was written there by an app before this one without being chosen: it is no choice. */
function kept(): Comforts {
  const { look, noShift, exitTo } = parsed(localStorage.getItem(KEPT) ?? "{}");
  return {
    look: LOOKS.find((one) => one === look) ?? "notes",
    noShift: noShift === true,
    exitTo: exitTo === BLANK || mayExitTo(exitTo) ? exitTo : "",
  };
}

export const comforts = signal<Comforts>(kept());

/** Keep a change, and show it at once. */
export function comfort(change: Partial<Comforts>): void {
  comforts.value = { ...comforts.value, ...change };
  localStorage.setItem(KEPT, JSON.stringify(comforts.value));
  wear();
}

/** Look from outside as was chosen: the title of the page, and the name and picture under which it is installed. */
export function wear(): void {
  const { look } = comforts.value;
  document.title = look === "notes" ? GIVEN : TITLES[look];
  const [manifest, icon] = look === "notes" ? ["manifest", "icon"] : [`manifest-${look}`, `icon-${look}`];
  document.querySelector("link[rel=manifest]")?.setAttribute("href", `/app/${manifest}.webmanifest`);
  document.querySelector("link[rel=icon]")?.setAttribute("href", `/app/${icon}.svg`);
}
