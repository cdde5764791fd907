import { expect } from "vitest";

import { collection, snapshot } from "../../src/index.ts";
import { ofEpoch, ofState } from "./chain_ops.ts";
import { ACCEPTED, type Inputs, runVectors } from "./harness.ts";

/** The list of the key `list`, by its own root. */
function ownList(x: Inputs): snapshot.LiveList {
  const data = x.raw("list");
  return snapshot.LiveList.decode(data, snapshot.rootOf(data));
}

/** Built anew from what a reader of the list and its parts finds, it is the same to the byte. */
function doBuild(x: Inputs): unknown {
  const read = ownList(x);
  const parts = x.raws("parts");
  const live = parts.flatMap((part, number) => read.part(number, part));
  const built = snapshot.build(read.state, read.wrapsAt, live);
  expect(built.list.encode()).toEqual(x.raw("list"));
  expect(built.parts).toEqual(parts);
  return {
    ...ofState(read.state),
    root: snapshot.rootOf(built.list.encode()),
    epochs: [...read.state.epochs.values()].map((epoch) => [...ofEpoch(epoch), read.wrapsAt.get(epoch.number)]),
    live: live.map((one) => [
      one.item,
      one.revision,
      one.epoch,
      one.author,
      one.seq,
      one.envelopeHash,
      one.saltHash,
      one.blobs,
    ]),
  };
}

function doPlace(x: Inputs): unknown {
  ownList(x).checkPlace(collection.Commit.decode(x.raw("commit")));
  return ACCEPTED;
}

runVectors("snapshot", {
  build: doBuild,
  list: (x) => ({ records: snapshot.LiveList.decode(x.raw("list"), x.raw("root")).records }),
  part: (x) => ({
    items: ownList(x)
      .part(x.number("number"), x.raw("part"))
      .map((one) => one.item),
  }),
  place: doPlace,
});
