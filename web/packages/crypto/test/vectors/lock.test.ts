import { expect } from "vitest";

import { lock, SealKey, SlotSecret } from "../../src/index.ts";
import { runVectors } from "./harness.ts";

runVectors("lock", {
  ring: (x) => {
    const ring = lock.Ring.decode(x.raw("ring"));
    expect(ring.encode()).toEqual(x.raw("ring"));
    return { id: ring.id, names: ring.wraps.map(({ name }) => name) };
  },
  open: async (x) => {
    const opened = await lock.Ring.decode(x.raw("ring")).open(x.text("passphrase"));
    return { key: opened.key.bytes, check: opened.check() };
  },
  "open-by-recovery": async (x) => {
    const secret = new SlotSecret(x.raw("secret"));
    return { key: (await lock.Ring.decode(x.raw("ring")).openByRecovery(x.raw("uid"), secret)).key.bytes };
  },
  "open-record": async (x) =>
    new lock.OpenLock(x.raw("lock"), new SealKey(x.raw("key"))).open(x.raw("box")),
});
