/** What lies open on this device beside the entries: drafts, and what the person chose. It rests sealed, and never leaves. */

import { decode, encode, shape } from "@mindhaven/crypto";
import type { JsonObject, LocalStore } from "@mindhaven/sdk";
import { decodeBody, encodeBody } from "@mindhaven/sdk";

import type { Choices } from "./shown.ts";

const DRAFTS = "drafts";
const CHOICES = "choices";
/** More than anybody types in one go; what is longer is no draft of this app. */
const MAX_DRAFT_CHARACTERS = 1_000_000;
/** One for each thing that somebody may have begun; the oldest go first. */
const MAX_DRAFTS = 50;
/** Far above all choices there are. */
const MAX_CHOICES_BYTES = 65_536;

export class Desk {
  readonly #store: () => LocalStore;

  /** `store` returns the open store; throws (locked) if nothing is unlocked. */
  constructor(store: () => LocalStore) {
    this.#store = store;
  }

  /** Keep what is being written, sealed, so that leaving loses nothing; "": nothing is. */
  async keepDraft(name: string, text: string): Promise<void> {
    const others = Object.entries(this.drafts()).filter(([one]) => one !== name);
    const kept = text === "" || text.length > MAX_DRAFT_CHARACTERS ? others : [...others, [name, text]];
    if (kept.length === 0) this.#store().remove(DRAFTS);
    else this.#store().put(DRAFTS, encode(kept.slice(-MAX_DRAFTS)));
    await this.#store().saved();
  }

  /** Return what was being written, by the name of what it is about. */
  drafts(): Readonly<Record<string, string>> {
    const row = this.#store().get(DRAFTS);
    if (row === null) return {};
    const pairs = shape.items(decode(row), "Drafts", { most: MAX_DRAFTS }).map((pair) => {
      const [name, text] = shape.fields(pair, 2, "A draft");
      return [shape.text(name, "A name"), shape.text(text, "A draft", { most: MAX_DRAFT_CHARACTERS })];
    });
    return Object.fromEntries(pairs) as Record<string, string>;
  }

  /** Keep one choice of the person's, null takes it back; return all of them. Two at once lose neither. */
  async choose(name: keyof Choices, value: Choices[keyof Choices] | null): Promise<Choices> {
    const others = Object.entries(this.choices()).filter(([one]) => one !== name);
    const all = Object.fromEntries(value === null ? others : [...others, [name, value]]) as JsonObject;
    this.#store().put(CHOICES, encodeBody(all));
    await this.#store().saved();
    return this.choices();
  }

  choices(): Choices {
    const row = this.#store().get(CHOICES);
    if (row === null || row.length > MAX_CHOICES_BYTES) return {};
    return decodeBody(row);
  }
}
