import { expect } from "vitest";

import { decode, openBox, RootKey, slots, SlotSecret, wrapped } from "../../src/index.ts";
import { accountOf } from "./account_ops.ts";
import { type Inputs, runVectors } from "./harness.ts";

async function keysOf(x: Inputs): Promise<slots.SlotKeys> {
  return slots.SlotKeys.of(new SlotSecret(x.raw("secret")), slots.slotKind(x.number("kind")));
}

function doList(x: Inputs): unknown {
  const listed = slots.SlotList.decode(x.raw("list"));
  expect(listed.encode()).toEqual(x.raw("list"));
  return { hash: listed.hash(), ids: listed.slots.map((slot) => slot.id) };
}

async function doOpenSlot(x: Inputs): Promise<unknown> {
  const keys = await keysOf(x);
  const [enc, ciphertext] = x.raws("wrap");
  if (enc === undefined || ciphertext === undefined) throw new Error("a wrap has two parts");
  const message = wrapped(enc, ciphertext);
  const listed = slots.SlotList.decode(x.raw("list"));
  const root = await slots.openSlot(keys, await accountOf(x), listed, x.raw("slot"), x.raw("tag"), message);
  return { root: root.bytes };
}

async function doBundle(x: Inputs): Promise<unknown> {
  const state = await accountOf(x);
  const generation = x.number("generation");
  const earlier = generation === state.generation ? {} : { generation };
  const bundle = await slots.openBundle(new RootKey(x.raw("root")), state, x.raw("box"), earlier);
  expect(bundle.newest().generation).toBe(Math.max(...bundle.identities.keys()));
  return { generations: [...bundle.identities.keys()], index: bundle.index };
}

runVectors("slots", {
  passphrase: async (x) => {
    const params = slots.PassphraseParams.of(decode(x.raw("params")));
    return { secret: (await params.secret(x.text("passphrase"))).bytes };
  },
  keys: async (x) => {
    const keys = await keysOf(x);
    return { xwing: keys.unwrapper.public, tag_key: keys.tagKey, login: keys.login.public };
  },
  list: doList,
  tag: async (x) => ({
    tag: slots.slotTag(await keysOf(x), x.raw("uid"), slots.Slot.of(decode(x.raw("slot")))),
  }),
  "open-slot": doOpenSlot,
  bundle: doBundle,
  box: async (x) => ({ plaintext: await openBox(x.raw("key"), x.text("kind"), x.raw("context"), x.raw("box")) }),
});
