/** The journal: write first, then what was written, and a search over all of it that never leaves this device. */

import { useSignal } from "@preact/signals";

import { entries, openPage } from "../../app.ts";
import type { EntryShown } from "../../engine/shown.ts";
import { Field } from "../../parts/Field.tsx";
import { Page } from "../../parts/Page.tsx";
import { momentText } from "../../parts/dates.ts";
import { found } from "../../parts/search.ts";
import { words } from "../../words.ts";
import type { PageProps } from "../index.ts";
import { beginningOf, pageOf } from "./journal.ts";
import { Write } from "./Write.tsx";
import { say } from "./words.ts";

/** As many as a phone shows without waiting; the rest comes by the button. */
const SHOWN_AT_ONCE = 30;

function Row({ entry }: { entry: EntryShown }) {
  const { title } = pageOf(entry.body);
  return (
    <li>
      <button
        type="button"
        class="choice"
        onClick={() => {
          openPage("journalEntry", entry.item);
        }}
      >
        <strong>{title === "" ? momentText(entry.createdAt) : title}</strong>
        {title !== "" && <span class="block soft small">{momentText(entry.createdAt)}</span>}
        {entry.error === null ? beginningOf(entry) || entry.files.map((one) => one.name).join(", ") : words.notOpen}
        {entry.waits && <span class="block soft small">{words.waits}</span>}
      </button>
    </li>
  );
}

export function Journal({ done }: PageProps) {
  const query = useSignal("");
  const said = useSignal("");
  const shown = useSignal(SHOWN_AT_ONCE);
  const all = entries.value.filter((one) => one.part === "journal");
  const listed = query.value.trim() === "" ? all : found(all, query.value);
  return (
    <Page title={say.title}>
      <Write saved={() => (said.value = say.saved)} />
      {said.value !== "" && (
        <p class="notice" role="status">
          {said.value}
        </p>
      )}
      {all.length > 0 && (
        <form role="search" class="search" onSubmit={(event) => { event.preventDefault(); }}>
          <Field label={say.search} prose value={query.value} change={(text) => (query.value = text)} />
        </form>
      )}
      <div role="status">{query.value.trim() !== "" && listed.length === 0 && <p class="soft">{say.searchNone}</p>}</div>
      {all.length === 0 && <p class="soft">{say.none}</p>}
      <ul class="plain">
        {listed.slice(0, shown.value).map((entry) => (
          <Row key={entry.item} entry={entry} />
        ))}
      </ul>
      <p>
        <button
          type="button"
          class="link"
          onClick={() => {
            openPage("locked");
          }}
        >
          {say.locked}
        </button>
      </p>
      <div class="buttons">
        {listed.length > shown.value && (
          <button type="button" class="button" onClick={() => (shown.value += SHOWN_AT_ONCE)}>
            {words.earlier}
          </button>
        )}
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
