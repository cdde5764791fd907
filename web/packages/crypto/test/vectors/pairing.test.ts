import { expect } from "vitest";

import { account, decode, pairing, Seed, slots } from "../../src/index.ts";
import { accountOf } from "./account_ops.ts";
import { ACCEPTED, type Inputs, runVectors } from "./harness.ts";

interface WrittenLink {
  readonly id: string;
  readonly hash: string;
  readonly secret: string;
}

interface WrittenDevice {
  readonly id: string;
  readonly xwing: string;
  readonly session: string;
  readonly secret: string;
}

function linkOf(x: Inputs): pairing.PairingLink {
  const { id, hash, secret } = x.value<WrittenLink>("link");
  return new pairing.PairingLink(x.bytes(id), x.bytes(hash), x.bytes(secret));
}

async function newDeviceOf(x: Inputs): Promise<pairing.NewDevice> {
  const { id, xwing, session, secret } = x.value<WrittenDevice>("new");
  return pairing.NewDevice.of(x.bytes(id), new Seed(x.bytes(xwing)), new Seed(x.bytes(session)), x.bytes(secret));
}

async function doDevice(x: Inputs): Promise<unknown> {
  const secret = new Uint8Array(32);
  const made = await pairing.NewDevice.of(x.raw("id"), new Seed(x.raw("xwing")), new Seed(x.raw("session")), secret);
  const device = pairing.encodeDevice(made.device);
  expect(pairing.decodeDevice(device)).toEqual(made.device);
  return { device, hash: pairing.deviceHash(made.device) };
}

async function doLetIn(x: Inputs): Promise<unknown> {
  const bundle = new slots.Bundle(new Map([[1, await account.Identity.fresh(1)]]), new Uint8Array(32));
  const device = pairing.decodeDevice(x.raw("device"));
  const answer = await pairing.letIn(linkOf(x), device, new Uint8Array(32), bundle);
  expect(decode(answer)).toHaveLength(5);
  return ACCEPTED;
}

async function doOpenAnswer(x: Inputs): Promise<unknown> {
  const { uid, bundle } = await pairing.openAnswer(await newDeviceOf(x), x.raw("answer"));
  const state = await accountOf(x);
  slots.checkBundle(bundle, state, state.generation);
  return { uid, generations: [...bundle.identities.keys()], index: bundle.index };
}

runVectors("pairing", {
  device: doDevice,
  "read-device": (x) => pairing.decodeDevice(x.raw("device")),
  link: (x) => ({ link: linkOf(x).text(x.text("origin")) }),
  "read-link": (x) => {
    const found = pairing.PairingLink.parse(x.text("text"));
    return { id: found.id, hash: found.deviceHash, secret: found.secret };
  },
  "let-in": doLetIn,
  "open-answer": doOpenAnswer,
});
