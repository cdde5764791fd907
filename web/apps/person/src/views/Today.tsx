/** Today: one question, what was saved just now, and at most one quiet row for what was left for later. */

import { useSignal } from "@preact/signals";

import { ASKED, ENDS_SOON_DAYS } from "../shares.ts";
import { CheckupsAsked, MedicineDue, type PageName } from "../areas/index.ts";
import { api, attempt, choices, contacts, entries, offline, openPage, refresh, status, sync } from "../app.ts";
import type { EntryShown } from "../engine/shown.ts";
import { EntryList } from "../parts/EntryList.tsx";
import { QuietLine } from "../parts/QuietLine.tsx";
import { dayText, todayNumber } from "../parts/dates.ts";
import { MoodForm } from "../parts/MoodForm.tsx";
import { NoteForm } from "../parts/NoteForm.tsx";
import { begunOf } from "../parts/drafting.ts";
import { Page } from "../parts/Page.tsx";
import { aboutADay } from "../parts/timeless.ts";
import { faceOf } from "../moods.ts";
import { fill, words } from "../words.ts";

function isToday(entry: EntryShown): boolean {
  return aboutADay(entry) && new Date(entry.createdAt).toDateString() === new Date().toDateString();
}

/** The line after saving: it stays, and lets a note be added or the entry be undone. */
function Saved({ item, done }: { item: string; done: () => void }) {
  const noting = useSignal(begunOf(item) !== null);
  const entry = entries.value.find((one) => one.item === item);

  const undo = async (): Promise<void> => {
    await attempt(async () => {
      await api().erase(item);
      await refresh();
    });
    done();
    void sync();
  };

  return (
    <div class="notice">
      <p role="status">{words.savedHere}</p>
      {entry !== undefined && faceOf(entry) === 0 && <QuietLine />}
      {noting.value && entry !== undefined ? (
        <NoteForm entry={entry} done={done} />
      ) : (
        <p class="buttons">
          <button type="button" class="button" onClick={() => (noting.value = true)}>
            {words.addNote}
          </button>
          <button type="button" class="button" onClick={() => void undo()}>
            {words.undo}
          </button>
        </p>
      )}
    </div>
  );
}

/** The shares that end within days, by person and day: told here and nowhere else, and nothing has to be done. */
function EndsSoon() {
  const today = todayNumber();
  const ending = contacts.value.flatMap((one) => {
    const days = one.reads.map(({ until }) => until).filter((until) => until >= today && until - today <= ENDS_SOON_DAYS);
    return days.length === 0 ? [] : [{ uid: one.uid, name: one.name, day: Math.min(...days) }];
  });
  return ending.map(({ uid, name, day }) => (
    <p key={uid} class="soft">
      {fill(words.endsSoon, { name, date: dayText(day) })}
    </p>
  ));
}

/** What else can be done today, below the one question. */
const MORE = [
  { page: "journal", word: "write" },
  { page: "checkups", word: "checkup" },
  { page: "calm", word: "breathe" },
] as const satisfies readonly { page: PageName; word: string }[];

export function Today() {
  // A note of today that was begun goes on here; that of an older entry in Look back.
  const saved = useSignal(entries.peek().filter(isToday).find((one) => begunOf(one.item) !== null)?.item ?? null);
  const unfinished = status.value.stage === "open" && !status.value.finished;

  const today = entries.value.filter(isToday);
  return (
    <Page title={words.moodTitle}>
      <MoodForm
        saved={(item) => {
          saved.value = item;
          void refresh().then(sync);
        }}
      />
      {saved.value !== null && <Saved key={saved.value} item={saved.value} done={() => (saved.value = null)} />}
      <p class="buttons">
        {MORE.map((one) => (
          <button
            key={one.page}
            type="button"
            class="button"
            onClick={() => {
              openPage(one.page);
            }}
          >
            {words[one.word]}
          </button>
        ))}
      </p>
      {offline.value && <p class="soft">{words.offline}</p>}
      {choices.value.reminders !== undefined && <MedicineDue />}
      {contacts.value.some((one) => one.shares.some(({ part }) => part.startsWith(ASKED))) && <CheckupsAsked />}
      <EndsSoon />
      <h2>{words.today}</h2>
      {today.length === 0 ? (
        <p class="soft">{words.nothingToday}</p>
      ) : (
        <EntryList entries={today} />
      )}
      {unfinished && (
        <p>
          {words.unfinished}{" "}
          <button type="button" class="link" onClick={() => { openPage("finish"); }}>
            {words.finish}
          </button>
        </p>
      )}
    </Page>
  );
}
