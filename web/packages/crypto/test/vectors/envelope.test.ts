import { expect } from "vitest";

import { envelope, EpochKey, pad } from "../../src/index.ts";
import { type Inputs, runVectors } from "./harness.ts";

interface WrittenHeader {
  readonly collection: string;
  readonly item: string;
  readonly revision: number;
  readonly epoch: number;
  readonly author: string;
}
interface WrittenContent {
  readonly kind: string;
  readonly version: number;
  readonly created_at: number;
  readonly zone: string;
  readonly body: string;
}

function headerOf(x: Inputs, key: string): envelope.Header {
  const { collection, item, revision, epoch, author } = x.value<WrittenHeader>(key);
  return { collection: x.bytes(collection), item: x.bytes(item), revision, epoch, author: x.bytes(author) };
}

async function doSeal(x: Inputs): Promise<unknown> {
  const { kind, version, created_at: createdAt, zone, body } = x.value<WrittenContent>("content");
  const content = { kind, version, createdAt, zone, body: x.bytes(body) };
  const [key, header] = [new EpochKey(x.raw("key")), headerOf(x, "header")];
  const item = await envelope.sealItem(key, header, content, x.raw("salt"));
  expect(envelope.readHeader(item.envelope).header).toEqual(header);
  expect(await envelope.openItem(key, item, header)).toEqual(content);
  return {
    envelope: item.envelope,
    envelope_hash: envelope.envelopeHash(item.envelope),
    salt_hash: envelope.saltHash(item.salt),
  };
}

async function doSealZeros(x: Inputs): Promise<unknown> {
  const content = { kind: "k", version: 1, createdAt: 0, zone: "UTC", body: new Uint8Array(x.number("size")) };
  return envelope.sealItem(new EpochKey(x.raw("key")), headerOf(x, "header"), content, x.raw("salt"));
}

async function doOpen(x: Inputs): Promise<unknown> {
  const item = { envelope: x.raw("envelope"), salt: x.raw("salt") };
  const found = await envelope.openItem(new EpochKey(x.raw("key")), item, headerOf(x, "expected"));
  const { kind, version, createdAt, zone, body } = found;
  return { content: { kind, version, created_at: createdAt, zone, body } };
}

runVectors("envelope", {
  seal: doSeal,
  "seal-zeros": doSealZeros,
  open: doOpen,
  size: (x) => ({ size: pad(new Uint8Array(x.number("length"))).length }),
});
