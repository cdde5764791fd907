/** Recording a voice note for what is being written: it begins when it is asked for, and says what is lost when. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { Player } from "./Player.tsx";
import { record, type Ended, type Missing, type Recording, type Wish } from "./recording.ts";
import { MAX_MS, TOLD_BEFORE_MS, clockText, noteName } from "./voice.ts";
import { say } from "./words.ts";

const TICK_MS = 250;

type State =
  | { readonly is: "idle"; readonly said: string }
  | { readonly is: "asking" }
  | { readonly is: "recording"; readonly since: number }
  | { readonly is: "sealing" }
  /** It could not be sent: it stands in memory alone. */
  | { readonly is: "unsent"; readonly file: File };

/** The time that has passed: no live region, since nobody wants to hear each second. */
function Elapsed({ since, near }: { since: number; near: () => void }) {
  const passed = useSignal(0);
  useEffect(() => {
    const ticking = setInterval(() => {
      passed.value = performance.now() - since;
      if (passed.value > MAX_MS - TOLD_BEFORE_MS) near();
    }, TICK_MS);
    return () => {
      clearInterval(ticking);
    };
  }, [since]);
  return <p class="elapsed">{clockText(passed.value)}</p>;
}

interface VoiceNoteProps {
  /** Seal the note and send it; returns whether that went well. */
  readonly add: (file: File) => Promise<boolean>;
  /** Something is recorded or not sealed yet: the entry waits for it. */
  readonly busy: (is: boolean) => void;
}

export function VoiceNote({ add, busy }: VoiceNoteProps) {
  const state = useSignal<State>({ is: "idle", said: "" });
  const ending = useSignal(false);
  const wish = useRef<Wish | null>(null);
  const running = useRef<Recording | null>(null);
  const there = useRef(true);
  const focused = useRef(false);
  const first = useRef<HTMLButtonElement>(null);

  const to = (next: State): void => {
    if (!there.current) return;
    // The button that was pressed goes with its state, and may leave the keyboard nowhere until there is another.
    const at = document.activeElement;
    focused.current = at === null || at === document.body ? focused.current : at.closest(".voice") !== null;
    state.value = next;
    busy(next.is !== "idle");
    if (focused.current) setTimeout(() => first.current?.focus());
  };
  const seal = async (file: File): Promise<void> => {
    to({ is: "sealing" });
    const good = await add(file);
    to(good ? { is: "idle", said: say.kept } : { is: "unsent", file });
  };
  const ended = ({ blob }: Ended): void => {
    running.current = null;
    if (!there.current) return;
    if (blob === null) to({ is: "idle", said: document.visibilityState === "hidden" ? say.outOfSight : say.thrown });
    else void seal(new File([blob], noteName(say.name, new Date(), blob.type), { type: blob.type }));
  };
  const begin = async (): Promise<void> => {
    to({ is: "asking" });
    ending.value = false;
    const asked = record(ended);
    wish.current = asked;
    const got = await asked.recording;
    if (wish.current !== asked) return;
    if (got === null || typeof got === "string") to({ is: "idle", said: got === null ? "" : refusal(got) });
    else {
      running.current = got;
      to({ is: "recording", since: performance.now() });
    }
  };
  const takeBack = (): void => {
    wish.current?.takeBack();
    wish.current = null;
  };
  useEffect(
    () => () => {
      there.current = false;
      takeBack();
      running.current?.drop();
    },
    [],
  );

  const now = state.value;
  return (
    <div class="voice">
      <div role="status">
        {now.is === "idle" && now.said !== "" && <p class="soft small">{now.said}</p>}
        {now.is === "asking" && <p>{say.asking}</p>}
        {now.is === "recording" && <p>{ending.value ? say.nearEnd : say.recording}</p>}
        {now.is === "sealing" && <p>{say.sealing}</p>}
        {now.is === "unsent" && <p>{say.unsent}</p>}
      </div>
      {now.is === "idle" && (
        <button ref={first} type="button" class="button" onClick={() => void begin()}>
          {say.record}
        </button>
      )}
      {now.is === "asking" && (
        <button ref={first} type="button" class="button" onClick={() => { takeBack(); to({ is: "idle", said: "" }); }}>
          {say.notNow}
        </button>
      )}
      {now.is === "recording" && (
        <>
          <Elapsed since={now.since} near={() => (ending.value = true)} />
          <div class="pair">
            <button ref={first} type="button" class="button" onClick={() => running.current?.stop()}>
              {say.stop}
            </button>
            <button type="button" class="button" onClick={() => running.current?.drop()}>
              {say.throwAway}
            </button>
          </div>
          <p class="soft small">{say.whileRecording}</p>
        </>
      )}
      {now.is === "unsent" && (
        <>
          <Player name={now.file.name} type={now.file.type} load={() => Promise.resolve(now.file)} />
          <div class="pair">
            <button ref={first} type="button" class="button" onClick={() => void seal(now.file)}>
              {say.again}
            </button>
            <button type="button" class="button" onClick={() => { to({ is: "idle", said: say.thrown }); }}>
              {say.throwAway}
            </button>
          </div>
        </>
      )}
    </div>
  );
}

function refusal(why: Missing): string {
  return { denied: say.denied, none: say.none, busy: say.taken }[why];
}
