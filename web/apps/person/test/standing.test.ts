/** New ways in that wait, as ways to unlock a device: what stays, by what became of them. */

import { slots } from "@mindhaven/crypto";
import type { LockWay } from "@mindhaven/sdk/browser";
import { expect, test } from "vitest";

import { settled } from "../src/engine/standing.ts";

const { PASSKEY, PASSPHRASE, RECOVERY_KEY } = slots.SlotKind;

function way(kind: slots.SlotKind, name: number, waits?: number): LockWay {
  const one = { kind, params: new Uint8Array(0), box: Uint8Array.of(name) };
  return waits === undefined ? one : { ...one, waits: Uint8Array.of(waits) };
}

/** Return what stays, by name; a way that waits with its statement. */
function stays(ways: readonly LockWay[], became: Readonly<Record<number, "counts" | "waits" | "stopped">>): (number | string)[] {
  return settled(ways, (statement) => became[statement[0] ?? 0] ?? "stopped").map(({ box, waits }) =>
    waits === undefined ? (box[0] ?? 0) : `${String(box[0])} waits`,
  );
}

const WAYS = [way(PASSKEY, 1), way(RECOVERY_KEY, 2), way(RECOVERY_KEY, 3, 9)];

test("while a new spare key waits both open, once it is stopped the old one alone, once it counts the new one alone", () => {
  expect(stays(WAYS, { 9: "waits" })).toEqual([1, 2, "3 waits"]);
  expect(stays(WAYS, { 9: "stopped" })).toEqual([1, 2]);
  expect(stays(WAYS, { 9: "counts" })).toEqual([1, 3]);
});

test("a passkey that counts takes no other's place, and what waits of another kind is left alone", () => {
  const ways = [way(PASSKEY, 1), way(PASSKEY, 2, 8), way(PASSPHRASE, 3, 7)];
  expect(stays(ways, { 8: "counts", 7: "waits" })).toEqual([1, "3 waits", 2]);
  expect(stays(ways, { 8: "stopped", 7: "stopped" })).toEqual([1]);
});

test("of several that were asked for one after the other the one that counts stays", () => {
  const ways = [way(RECOVERY_KEY, 1), way(RECOVERY_KEY, 2, 8), way(RECOVERY_KEY, 3, 9)];
  expect(stays(ways, { 8: "stopped", 9: "counts" })).toEqual([3]);
  expect(stays(ways, { 8: "stopped", 9: "waits" })).toEqual([1, "3 waits"]);
});
