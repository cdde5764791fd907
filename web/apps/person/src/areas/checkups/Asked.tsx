/** What others ask for: a quiet row each, which leads to the page that says who gets the answers. */

import { useEffect } from "preact/hooks";

import { contacts, openPage, quietly } from "../../app.ts";
import { fill } from "../../words.ts";
import { asks, readAsks } from "./asks.ts";
import { say } from "./words.ts";

/** More would be a list of duties. */
const ROWS_MOST = 3;

/** `of`: only what that person asks (a uid). */
export function Asked({ of }: { of?: string }) {
  useEffect(() => void quietly(readAsks), [contacts.value]);
  const shown = asks.value.filter((one) => of === undefined || one.from.uid === of).slice(0, ROWS_MOST);
  if (shown.length === 0) return null;
  return (
    <ul class="rows">
      {shown.map((one) => (
        <li key={one.item}>
          <span class="grow">{fill(say.asks, { name: one.from.name, title: one.instrument.title })}</span>
          <button
            type="button"
            class="button"
            onClick={() => {
              openPage("checkups", one.item);
            }}
          >
            {say.look}
          </button>
        </li>
      ))}
    </ul>
  );
}
