import { expect } from "vitest";

import { collection, Signed } from "../../src/index.ts";
import { readerOf } from "./account_ops.ts";
import { listed } from "./chain_ops.ts";
import { type Inputs, runVectors } from "./harness.ts";

function doDecode(x: Inputs): unknown {
  const body = x.raw("body");
  const commit = collection.Commit.decode(body);
  expect(commit.encode()).toEqual(body);
  return {
    collection: commit.collection,
    seq: commit.seq,
    prev: commit.prev,
    author: commit.author,
    key_id: commit.keyId,
    day: commit.day,
    changes: commit.changes.map(listed),
    fast: commit.fast,
    hash: new Signed(body, []).hash(collection.TYPE),
  };
}

async function doGenesis(x: Inputs): Promise<unknown> {
  const { id, signed } = await collection.genesis({
    author: x.raw("author"),
    identity: await readerOf(x),
    nonce: x.raw("nonce"),
    day: x.number("day"),
    settings: collection.settingsOf(x.value("settings")),
    changes: (x.all("changes") as readonly unknown[]).map(collection.changeOf),
  });
  expect(collection.genesisId(collection.Commit.decode(signed.body))).toEqual(id);
  return { id, body: signed.body };
}

runVectors("collection", { decode: doDecode, genesis: doGenesis });
