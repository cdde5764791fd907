import { expect } from "vitest";

import { decode, receipt } from "../../src/index.ts";
import { type Inputs, runVectors } from "./harness.ts";

type WrittenAbout = readonly [collection: string | null, person: string | null, digest: string | null];

function doCheck(x: Inputs): unknown {
  const given = receipt.Receipt.of(decode(x.raw("receipt")));
  const [collection, person, digest] = x.value<WrittenAbout>("about");
  const about = {
    ...(collection === null ? {} : { collection: x.bytes(collection) }),
    ...(person === null ? {} : { person: x.bytes(person) }),
    ...(digest === null ? {} : { digest: x.bytes(digest) }),
  };
  const { name, seq } = given.check(about, x.raw("salt"), x.raw("body"));
  return { event: name, seq };
}

function doRead(x: Inputs): unknown {
  const given = receipt.Receipt.of(decode(x.raw("receipt")));
  expect(receipt.Receipt.of(given.value())).toEqual(given);
  const { what, seq, at, position } = given;
  return { what, seq, at, position };
}

runVectors("receipt", { check: doCheck, read: doRead });
