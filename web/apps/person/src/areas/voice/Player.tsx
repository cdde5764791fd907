/** A sound of one's own, played here: its address lives as long as it is on screen, and Exit ends it. I/O: sound. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { attempt, fault } from "../../app.ts";
import { stopsAtExit } from "../../exit.ts";
import { holdOpen } from "../../idle.ts";
import { clockText, playedAs } from "./voice.ts";
import { say } from "./words.ts";

/** As far as a sentence that was not understood. */
const BACK_SECONDS = 10;
const SECOND_MS = 1000;

interface PlayerProps {
  readonly name: string;
  readonly type: string;
  readonly load: () => Promise<Blob>;
}

export function Player({ name, type, load }: PlayerProps) {
  const sound = useRef<HTMLAudioElement>(null);
  const address = useRef<string | null>(null);
  const open = useRef<(() => void) | null>(null);
  const playing = useSignal(false);
  const at = useSignal(0);

  const still = (): void => {
    playing.value = false;
    open.current?.();
    open.current = null;
  };
  /** Let go of the sound: nothing of it stays, also not in what the system shows of what was played. */
  const letGo = (): void => {
    still();
    at.value = 0;
    sound.current?.pause();
    sound.current?.removeAttribute("src");
    if (address.current !== null) URL.revokeObjectURL(address.current);
    address.current = null;
  };
  useEffect(() => {
    const element = sound.current;
    const end = (): void => {
      element?.pause(); // Exit takes the page away before this is called
      letGo();
    };
    const hidden = (): void => {
      if (document.visibilityState === "hidden") end();
    };
    const back = stopsAtExit(end);
    document.addEventListener("visibilitychange", hidden);
    return () => {
      back();
      document.removeEventListener("visibilitychange", hidden);
      end();
    };
  }, []);

  const play = async (): Promise<void> => {
    const element = sound.current;
    const as = playedAs(type);
    if (element === null || as === null) return;
    await attempt(async () => {
      if (address.current === null) {
        const content = await load();
        if (sound.current === null || document.visibilityState === "hidden") return; // left meanwhile
        address.current = URL.createObjectURL(new Blob([content], { type: as }));
        element.src = address.current;
      }
      open.current ??= holdOpen();
      playing.value = true;
      try {
        await element.play();
      } catch (error) {
        still();
        // A press on pause, or leaving, ends what was about to begin: that is no fault.
        if (!(error instanceof DOMException && error.name === "AbortError")) fault.value = { message: say.cannotPlay, hint: null };
      }
    });
  };
  const pause = (): void => {
    sound.current?.pause();
    still();
  };
  const back = (): void => {
    if (sound.current !== null) sound.current.currentTime = Math.max(0, sound.current.currentTime - BACK_SECONDS);
  };

  return (
    <span class="player">
      <audio
        ref={sound}
        onTimeUpdate={(event) => (at.value = event.currentTarget.currentTime * SECOND_MS)}
        onEnded={() => { still(); at.value = 0; }}
      />
      <button type="button" class="button" aria-label={`${playing.value ? say.pause : say.play} ${name}`} onClick={() => { if (playing.value) pause(); else void play(); }}>
        {playing.value ? say.pause : say.play}
      </button>
      {(playing.value || at.value > 0) && (
        <>
          <button type="button" class="button" onClick={back}>
            {say.tenBack}
          </button>
          <span class="elapsed">{clockText(at.value)}</span>
        </>
      )}
    </span>
  );
}
