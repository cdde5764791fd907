/**
 * Soft tones that are made here, and words that this device speaks itself. Nothing sounds unless it was turned on.
 *
 * Guarantees: everything stops at Exit, and when the page that sounds is left. Only voices that this device has are used:
 * others send what they speak to somebody's server. I/O: sound.
 */

import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { stopsAtExit } from "../../exit.ts";
import { language } from "../../words/language.ts";

/** Quiet enough not to startle beside a voice. */
const LOUDEST = 0.12;
/** A tone comes and goes slowly: a sudden one is a signal, and signals alarm. */
const RISE_SECONDS = 0.4;
/** Slower than usual speech. */
const RATE = 0.85;

/** Tones by what they mark, in hertz: in is higher than out, a line lies between. */
export const HERTZ = { in: 293.66, out: 220, line: 246.94 } as const;

let context: AudioContext | null = null;

/** Let a soft tone sound for some seconds. */
export function tone(hertz: number, seconds: number): void {
  context ??= new AudioContext();
  const now = context.currentTime;
  const swell = context.createGain();
  const voice = context.createOscillator();
  voice.frequency.value = hertz;
  swell.gain.setValueAtTime(0, now);
  swell.gain.linearRampToValueAtTime(LOUDEST, now + RISE_SECONDS);
  swell.gain.linearRampToValueAtTime(0, now + seconds);
  voice.connect(swell).connect(context.destination);
  voice.start(now);
  voice.stop(now + seconds);
}

/** Return a voice of this device in the language on screen. */
function ownVoice(): SpeechSynthesisVoice | undefined {
  if (!("speechSynthesis" in globalThis)) return undefined;
  return speechSynthesis.getVoices().find((one) => one.localService && one.lang.startsWith(language.value));
}

/** Speak a text, in place of what is being spoken. */
export function speakAloud(text: string): void {
  const voice = ownVoice();
  if (voice === undefined) return;
  const spoken = new SpeechSynthesisUtterance(text);
  spoken.voice = voice;
  spoken.lang = voice.lang;
  spoken.rate = RATE;
  speechSynthesis.cancel();
  speechSynthesis.speak(spoken);
}

/** Be silent at once. */
export function hush(): void {
  void context?.close();
  context = null;
  if ("speechSynthesis" in globalThis) speechSynthesis.cancel();
}

/** Be silent at Exit, when the page is out of sight, and when what sounds here is left. */
export function useSilence(): void {
  useEffect(() => {
    const hidden = (): void => {
      if (document.visibilityState === "hidden") hush();
    };
    const back = stopsAtExit(hush);
    document.addEventListener("visibilitychange", hidden);
    return () => {
      back();
      document.removeEventListener("visibilitychange", hidden);
      hush();
    };
  }, []);
}

/** Tell whether this device can speak by itself; browsers learn of their voices a moment after they are asked. */
export function useCanSpeak(): ReadonlySignal<boolean> {
  const can = useSignal(ownVoice() !== undefined);
  useEffect(() => {
    if (!("speechSynthesis" in globalThis)) return;
    const look = (): void => {
      can.value = ownVoice() !== undefined;
    };
    speechSynthesis.addEventListener("voiceschanged", look);
    return () => {
      speechSynthesis.removeEventListener("voiceschanged", look);
    };
  }, []);
  return can;
}
