import { event, type Value } from "../../src/index.ts";
import { type Inputs, runVectors } from "./harness.ts";

function doEvent(x: Inputs): unknown {
  const body = event.body({
    name: x.text("event"),
    version: x.number("version"),
    subject: x.raw("subject"),
    seq: x.number("seq"),
    prev: x.raw("prev"),
    at: x.number("at"),
    fields: x.value<readonly Value[]>("fields"),
  });
  return { body, commitment: event.commitment(x.raw("salt"), body) };
}

runVectors("event", { event: doEvent });
