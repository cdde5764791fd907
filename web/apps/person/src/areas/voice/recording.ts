/**
 * Recording a voice with this device's microphone. I/O: the microphone.
 *
 * Guarantees: the microphone is let go of in the same moment in which it is not needed any more: after "stop", "drop", Exit,
 * a lock, another page, and when the page goes out of sight; what was recorded until then is dropped but after "stop".
 * Does not: send or keep anything.
 */

import { keepLit } from "../calm/frames.ts";
import { stopsAtExit } from "../../exit.ts";
import { holdOpen } from "../../idle.ts";
import { MAX_MS, TYPES } from "./voice.ts";

/** Speech stays clear, and ten minutes fit into one sealed part of 4 MiB, which is sent whole or not at all. */
const BITS_A_SECOND = 48_000;
/** How much is lost at most where a browser ends a recording by itself, as when a microphone is unplugged. */
const SLICE_MS = 1000;

/** Why there is no recording: somebody said no, there is no microphone (or no way to record), or another app has it. */
export type Missing = "denied" | "none" | "busy";
/** How a recording ended: kept (`blob`), or dropped since the page went out of sight or was left. */
export type Ended = { readonly blob: Blob } | { readonly blob: null };

/** A recording under way. */
export interface Recording {
  /** End it and keep what was said. */
  readonly stop: () => void;
  /** End it and drop what was said. */
  readonly drop: () => void;
}

/** A wish to record: nothing that was not asked for is recorded where the browser asks longer than somebody waits. */
export interface Wish {
  readonly recording: Promise<Recording | Missing | null>;
  /** It is not wanted any more; the recording is null then, and the microphone is let go of. */
  readonly takeBack: () => void;
}

function missing(error: unknown): Missing {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return name === "NotFoundError" || name === "OverconstrainedError" ? "none" : "busy";
}

function typeHere(): string | undefined {
  return TYPES.find((one) => MediaRecorder.isTypeSupported(one));
}

function letGo(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** Ask for the microphone and record; `ended` is called once, however it ends. */
export function record(ended: (how: Ended) => void): Wish {
  let wanted = true;
  const begin = async (): Promise<Recording | Missing | null> => {
    // Old browsers have neither, whatever the types say.
    const devices = (navigator as { readonly mediaDevices?: MediaDevices }).mediaDevices;
    const type = "MediaRecorder" in globalThis ? typeHere() : undefined;
    if (devices === undefined || type === undefined) return "none";
    let stream: MediaStream;
    try {
      stream = await devices.getUserMedia({ audio: true });
    } catch (error) {
      return missing(error);
    }
    if (wanted && document.visibilityState === "visible") return run(stream, type, ended);
    letGo(stream);
    return null;
  };
  return {
    recording: begin(),
    takeBack: () => {
      wanted = false;
    },
  };
}

function run(stream: MediaStream, type: string, ended: (how: Ended) => void): Recording {
  const recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: BITS_A_SECOND });
  let parts: Blob[] = [];
  let keeping = false;
  let over = false;
  const finish = (): void => {
    if (over) return;
    over = true;
    clearTimeout(limit);
    letGo(stream);
    for (const one of undo) one();
    const said = parts;
    parts = [];
    ended({ blob: keeping && said.length > 0 ? new Blob(said, { type: type.split(";", 1)[0] ?? type }) : null });
  };
  const drop = (): void => {
    parts = [];
    keeping = false;
    if (recorder.state !== "inactive") recorder.stop();
    finish();
  };
  const stop = (): void => {
    if (over || keeping) return;
    keeping = true;
    if (recorder.state === "inactive") finish();
    else recorder.stop(); // the last words come, then "stop"
    letGo(stream);
  };
  const hidden = (): void => {
    if (document.visibilityState === "hidden" && !keeping) drop();
  };
  recorder.ondataavailable = ({ data }) => {
    if (!over && data.size > 0) parts.push(data);
  };
  recorder.onstop = () => {
    keeping = true; // also where the microphone ended by itself: what was said until then is kept
    finish();
  };
  document.addEventListener("visibilitychange", hidden);
  addEventListener("pagehide", drop);
  const undo = [
    stopsAtExit(drop),
    holdOpen(),
    keepLit(),
    () => { document.removeEventListener("visibilitychange", hidden); },
    () => { removeEventListener("pagehide", drop); },
  ];
  recorder.start(SLICE_MS);
  const limit = setTimeout(stop, MAX_MS);
  return { stop, drop };
}
