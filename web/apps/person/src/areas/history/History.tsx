/** My history: what somebody chose to write about their past, by category, and who can read it. Nothing is asked for. */

import { contacts, entries, openPage } from "../../app.ts";
import type { EntryShown } from "../../engine/shown.ts";
import { Page } from "../../parts/Page.tsx";
import { fill, words } from "../../words.ts";
import type { PageProps } from "../index.ts";
import { groupsOf, writtenOf } from "./history.ts";
import { periodOf } from "./period.ts";
import { say } from "./words.ts";

const PART = "history";

function Row({ entry }: { entry: EntryShown }) {
  const written = writtenOf(entry.body);
  const period = periodOf(written);
  return (
    <button
      type="button"
      class="choice"
      onClick={() => {
        openPage("historyEdit", entry.item);
      }}
    >
      <strong>{entry.error === null ? written.title : words.notOpen}</strong>
      {period !== "" && <span class="block soft small">{period}</span>}
      {written.text !== "" && <span class="entry-text">{written.text}</span>}
      {entry.waits && <span class="block soft small">{words.waits}</span>}
    </button>
  );
}

export function History({ done }: PageProps) {
  const groups = groupsOf(entries.value);
  const readers = contacts.value.filter((one) => one.reads.some((share) => share.part === PART)).map((one) => one.name);
  return (
    <Page title={say.title}>
      {groups.length === 0 && <p>{say.none}</p>}
      <p>
        {say.readers} {readers.length === 0 ? say.readersNobody : fill(say.readersNow, { names: readers.join(", ") })}
      </p>
      <div class="buttons">
        <button
          type="button"
          class="button main"
          onClick={() => {
            openPage("historyEdit");
          }}
        >
          {say.add}
        </button>
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      </div>
      {groups.map((group) => (
        <section key={group.category}>
          <h2>{group.category === "" ? say.noCategory : (say.categories[group.category] ?? group.category)}</h2>
          {group.entries.map((one) => (
            <Row key={one.item} entry={one} />
          ))}
        </section>
      ))}
    </Page>
  );
}
