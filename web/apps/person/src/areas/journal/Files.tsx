/** The files of an entry, whoever reads it and however it was opened: heard if they are sounds, saved if somebody wants. */

import { attempt } from "../../app.ts";
import type { FileShown } from "../../engine/shown.ts";
import { saveAs } from "../../parts/saving.ts";
import { fill } from "../../words.ts";
import { Player } from "../voice/Player.tsx";
import { playedAs } from "../voice/voice.ts";
import { sizeText } from "./journal.ts";
import { say } from "./words.ts";

interface Props {
  readonly files: readonly FileShown[];
  /** Return the bytes of one, by its number, once they were verified. */
  readonly read: (number: number) => Promise<Blob>;
}

export function Files({ files, read }: Props) {
  if (files.length === 0) return null;
  const save = (number: number, name: string): Promise<boolean> =>
    attempt(async () => {
      saveAs(await read(number), name);
    });
  return (
    <>
      <ul class="rows">
        {files.map(({ name, type, size }, number) => (
          <li key={number}>
            <span class="grow">
              {name} <span class="soft small">{sizeText(size)}</span>
            </span>
            {playedAs(type) !== null && <Player name={name} type={type} load={() => read(number)} />}
            <button type="button" class="button" onClick={() => void save(number, name)}>
              {fill(say.fileOpen, { name })}
            </button>
          </li>
        ))}
      </ul>
      <p class="soft small">{say.fileText}</p>
    </>
  );
}
