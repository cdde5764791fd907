/** Files and voice notes of what is being written: they are sealed and sent at once, and wait, also over a lock. */

import type { UnplacedFile } from "@mindhaven/sdk";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, attempt, quietly, status } from "../../app.ts";
import { fill } from "../../words.ts";
import { Player } from "../voice/Player.tsx";
import { VoiceNote } from "../voice/VoiceNote.tsx";
import { playedAs } from "../voice/voice.ts";
import { sizeText } from "./journal.ts";
import { say } from "./words.ts";

/** Where files wait while their entry is being written. */
export interface Waiting {
  readonly attach: (file: File) => Promise<unknown>;
  readonly shown: () => Promise<readonly UnplacedFile[]>;
  readonly read: (id: string) => Promise<Blob>;
  readonly putAway: (id: string) => Promise<void>;
}

/** Return what waits on this device for the draft of that name. */
export function waitingFor(about: string): Waiting {
  return {
    attach: (file) => api().attach("journal", file, about),
    shown: () => api().waiting(about),
    read: (id) => api().readWaiting(id),
    putAway: (id) => api().putAway(id),
  };
}

interface AttachProps {
  readonly waiting: Waiting;
  readonly attached: readonly UnplacedFile[];
  readonly change: (to: readonly UnplacedFile[]) => void;
  /** Something is under way: the entry waits for it. */
  readonly busy: (is: boolean) => void;
}

export function Attach({ waiting, attached, change, busy }: AttachProps) {
  const sending = useSignal(false);
  const recording = useSignal(false);
  const finished = status.value.stage === "open" && status.value.finished;
  const under = (): Promise<void> => quietly(async () => { change(await waiting.shown()); });
  useEffect(() => {
    if (finished) void under();
  }, [finished]);
  if (!finished) return <p class="soft small">{say.attachNeeds}</p>;

  const add = async (files: readonly File[]): Promise<boolean> => {
    sending.value = true;
    busy(true);
    const good = await attempt(async () => {
      for (const file of files) {
        await waiting.attach(file);
        await under();
      }
    });
    sending.value = false;
    busy(recording.value);
    return good;
  };
  const putAway = async (id: string): Promise<void> => {
    await attempt(() => waiting.putAway(id));
    await under();
  };
  return (
    <div class="attach">
      <div class="buttons">
        <label class="button">
          {sending.value ? say.attaching : say.attach}
          <input
            type="file"
            class="hidden"
            multiple
            disabled={sending.value}
            onChange={(event) => {
              void add([...(event.currentTarget.files ?? [])]);
              event.currentTarget.value = "";
            }}
          />
        </label>
      </div>
      <VoiceNote
        add={(file) => add([file])}
        busy={(is) => {
          recording.value = is;
          busy(is || sending.value);
        }}
      />
      <p class="soft small">{say.attachText}</p>
      <ul class="rows">
        {attached.map(({ id, name, type, size }) => (
          <li key={id}>
            <span class="grow">
              {name} <span class="soft small">{sizeText(size)}</span>
            </span>
            {playedAs(type) !== null && <Player name={name} type={type} load={() => waiting.read(id)} />}
            <button type="button" class="link" onClick={() => void putAway(id)}>
              {fill(say.takeAway, { name })}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
