/** What somebody takes: a list, in their own words. Says nothing about any medicine. */

import { entries, openPage } from "../../app.ts";
import type { EntryShown } from "../../engine/shown.ts";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import type { PageProps } from "../index.ts";
import { earlierOf, schedulesOf, writtenOf } from "./medicine.ts";
import { say } from "./words.ts";

function Row({ entry, details }: { entry: EntryShown; details: boolean }) {
  const { name, dose, schedule } = writtenOf(entry.body);
  const more = [dose, schedule].filter((one) => one !== "").join(", ");
  return (
    <button
      type="button"
      class="choice"
      onClick={() => {
        openPage("medicine", entry.item);
      }}
    >
      <strong>{name}</strong>
      {details && more}
      {entry.waits && <span class="block soft small">{words.waits}</span>}
    </button>
  );
}

export function Medicines({ done }: PageProps) {
  const now = schedulesOf(entries.value);
  const earlier = earlierOf(entries.value);
  return (
    <Page title={say.title}>
      <p>{now.length === 0 ? say.none : say.text}</p>
      {now.map((one) => (
        <Row key={one.item} entry={one} details />
      ))}
      <p class="soft small">{say.readers}</p>
      <div class="buttons">
        <button
          type="button"
          class="button main"
          onClick={() => {
            openPage("medicineEdit");
          }}
        >
          {say.add}
        </button>
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      </div>
      {earlier.length > 0 && (
        <>
          <h2>{say.earlier}</h2>
          {earlier.map((one) => (
            <Row key={one.item} entry={one} details={false} />
          ))}
        </>
      )}
    </Page>
  );
}
