import { collection, decode, epoch, EpochKey, wrapInfo } from "../../src/index.ts";
import { readerOf } from "./account_ops.ts";
import { type Inputs, runVectors } from "./harness.ts";

function placeOf(x: Inputs): epoch.EpochPlace {
  return { collection: x.raw("collection"), number: x.number("number"), month: x.number("month") };
}

function doInfo(x: Inputs): unknown {
  const context = [x.raw("collection"), x.number("number"), x.number("month"), x.raw("commitment")];
  return { info: wrapInfo("epoch-wrap", x.raw("sender"), x.raw("recipient"), x.number("key_id"), context) };
}

async function doOpenWrap(x: Inputs): Promise<unknown> {
  const entry = epoch.wrapOf(x.all("wrap"));
  const key = await epoch.openEpoch(entry, placeOf(x), x.raw("commitment"), x.raw("sender"), await readerOf(x));
  return { key: key.bytes };
}

runVectors("epoch", {
  commitment: (x) => ({ commitment: epoch.keyCommitment(new EpochKey(x.raw("key")), placeOf(x)) }),
  info: doInfo,
  "open-wrap": doOpenWrap,
  "parse-wraps": (x) => epoch.parseWraps(decode(x.raw("wraps"))).map(epoch.wrapValue),
  entitled: (x) => ({
    entitled: collection.isEntitled(collection.memberOf(x.all("member")), x.number("month"), x.number("day")),
  }),
  month: (x) => ({ month: epoch.checkMonth(x.number("month")) }),
});
