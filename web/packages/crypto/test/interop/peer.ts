/**
 * What Python talks to in tests/interop: reads bags from standard input, says of each what its check says, and makes one
 * of its own; all of it on WebCrypto's algorithms and on the JavaScript fallbacks.
 */

import { text } from "node:stream/consumers";

import { MindhavenError, useNative } from "../../src/index.ts";
import { type Bag, check, make } from "./bag.ts";

interface Asked {
  readonly bags: readonly Bag[];
  readonly now: number;
}

async function reasonOf(bag: Bag): Promise<string> {
  try {
    await check(bag);
  } catch (error) {
    if (error instanceof MindhavenError) return error.reason;
    throw error;
  }
  return "ok";
}

const { bags, now } = JSON.parse(await text(process.stdin)) as Asked;
const answers: Record<string, unknown> = {};
for (const [way, native] of [
  ["native", true],
  ["fallback", false],
] as const) {
  useNative(native);
  const said: string[] = [];
  for (const bag of bags) said.push(await reasonOf(bag));
  answers[way] = { said, made: await make(now) };
}
process.stdout.write(JSON.stringify(answers));
