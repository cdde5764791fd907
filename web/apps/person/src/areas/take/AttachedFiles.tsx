/** What was attached to entries: no form of a file holds it, so each is saved by itself, verified part by part. */

import { useSignal } from "@preact/signals";

import { api, attempt } from "../../app.ts";
import { dateText } from "../../parts/dates.ts";
import { saveAs } from "../../parts/saving.ts";
import { fill } from "../../words.ts";
import { sizeText } from "../journal/journal.ts";
import type { Attached } from "./taking.ts";
import { say } from "./words.ts";

/** Lines at a time; the rest follows with a press. */
const AT_A_TIME = 20;

export function AttachedFiles({ files }: { files: readonly Attached[] }) {
  const shown = useSignal(AT_A_TIME);
  if (files.length === 0) return null;
  const save = ({ item, number, name }: Attached): Promise<boolean> =>
    attempt(async () => {
      saveAs(await api().readFile(item, number), name);
    });
  return (
    <>
      <h2>{say.files}</h2>
      <p class="soft">{say.filesText}</p>
      <ul class="rows">
        {files.slice(0, shown.value).map((one) => (
          <li key={`${one.item} ${String(one.number)}`}>
            <span class="grow">
              {one.name}
              <span class="soft small block">
                {dateText(one.at)}, {sizeText(one.size)}
              </span>
            </span>
            <button type="button" class="button" onClick={() => void save(one)}>
              {fill(say.saveFile, { name: one.name })}
            </button>
          </li>
        ))}
      </ul>
      {files.length > shown.value && (
        <button type="button" class="button" onClick={() => (shown.value += AT_A_TIME)}>
          {say.more}
        </button>
      )}
    </>
  );
}
