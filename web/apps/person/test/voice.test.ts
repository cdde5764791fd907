/** Voice notes as files: their names, their times, and which sounds get an address on this page. */

import { expect, test } from "vitest";

import { MAX_MS, clockText, noteName, playedAs } from "../src/areas/voice/voice.ts";

test("a time is told in minutes and seconds", () => {
  expect([0, 999, 1000, 59_999, 61_000, MAX_MS].map(clockText)).toEqual(["0:00", "0:00", "0:01", "0:59", "1:01", "10:00"]);
});

test("a note is named by when it was, in characters that every system takes", () => {
  const at = new Date(2026, 0, 3, 7, 5);
  expect(noteName("Voice note", at, "audio/webm")).toBe("Voice note 2026-01-03 07.05.webm");
  expect(noteName("Sprachnotiz", at, "audio/mp4")).toBe("Sprachnotiz 2026-01-03 07.05.m4a");
});

test("only sounds are played: nothing that could run gets an address here", () => {
  expect(playedAs("audio/webm;codecs=opus")).toBe("audio/webm");
  expect(playedAs("Audio/MP4")).toBe("audio/mp4");
  for (const one of ["", "text/html", "image/svg+xml", "audio/svg+xml", "audio/", "video/webm", "text/html;audio/webm", "audio/webm text/html"]) {
    expect([one, playedAs(one)]).toEqual([one, null]);
  }
});
