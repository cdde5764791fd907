/** Drafts of a page: what is typed is sealed on this device within half a second, so that leaving loses nothing. */

import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { api, drafts, quietly } from "../app.ts";

/** How long after the last key a draft is sealed: half a second at most, so that nobody loses more than a word. */
const DRAFT_AFTER_MS = 400;

/** A text that is being written. */
export interface Drafting {
  readonly text: Signal<string>;
  /** Take what was typed. */
  readonly change: (text: string) => void;
  /** It was saved or dropped: there is nothing to keep any more. */
  readonly drop: () => void;
}

/** Return what was begun under that name and not saved, null if nothing was. */
export function begunOf(name: string): string | null {
  return drafts.peek()[name] ?? null;
}

function note(name: string, text: string): void {
  const others = Object.entries(drafts.peek()).filter(([one]) => one !== name);
  drafts.value = Object.fromEntries(text === "" ? others : [...others, [name, text]]);
}

/** Write under a name, going on with what was begun there, or from `start`. */
export function useDraft(name: string, start = ""): Drafting {
  const text = useSignal(begunOf(name) ?? start);
  const timer = useRef(0);
  const keep = (typed: string): void => {
    clearTimeout(timer.current);
    timer.current = 0;
    note(name, typed);
    void quietly(() => api().keepDraft(name, typed));
  };
  useEffect(
    () => () => {
      if (timer.current !== 0) keep(text.value); // another view was opened before the draft was sealed
    },
    [],
  );
  return {
    text,
    change: (typed) => {
      text.value = typed;
      note(name, typed);
      clearTimeout(timer.current);
      timer.current = window.setTimeout(() => {
        keep(typed);
      }, DRAFT_AFTER_MS);
    },
    drop: () => {
      text.value = start;
      keep("");
    },
  };
}
