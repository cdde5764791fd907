/**
 * Runs every case of one file of vectors/, on WebCrypto's own algorithms and on the JavaScript fallbacks.
 *
 * What is expected comes from the file alone. A case whose operation is unknown, a key of a case that nobody reads and
 * a case that did not run all fail.
 */

import { readFileSync } from "node:fs";

import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { fromBase64, fromHex, hex, MindhavenError, useNative } from "../../src/index.ts";
import { type Feature, hasNative } from "../../src/subtle.ts";

const FRAME = new Set(["name", "step", "op", "comment", "expect"]);
const FEATURES: readonly Feature[] = ["Ed25519", "ML-DSA-65", "X-Wing"];
const HEAD = ["spec", "version", "made_by", "source", "values", "cases"];
export const ACCEPTED = { accepted: true };

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
interface Case {
  readonly name: string;
  readonly op: string;
  readonly expect: { readonly [key: string]: Json };
  readonly [key: string]: Json;
}
interface Page {
  readonly spec: string;
  readonly values: Readonly<Record<string, string>>;
  readonly cases: readonly Case[];
}

/** The inputs of one case: `value` gives a key as it is written, `raw` as bytes. */
export class Inputs {
  readonly given: Case;
  readonly read = new Set<string>();
  readonly #values: Readonly<Record<string, string>>;

  constructor(given: Case, values: Readonly<Record<string, string>>) {
    this.given = given;
    this.#values = values;
  }

  /** The value of `key`, whose type the operation knows. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the operation names the type
  value<Kind>(key: string): Kind {
    if (!(key in this.given)) throw new Error(`this case has no key ${key}`);
    this.read.add(key);
    return this.given[key] as Kind;
  }

  text(key: string): string {
    return this.value<string>(key);
  }

  number(key: string): number {
    return this.value<number>(key);
  }

  raw(key: string): Uint8Array {
    return this.bytes(this.text(key));
  }

  raws(key: string): Uint8Array[] {
    return this.value<readonly string[]>(key).map((item) => this.bytes(item));
  }

  /** The value of `key` where every text of a nested list writes bytes. */
  all(key: string): unknown {
    const bytesIn = (value: Json): unknown => {
      if (Array.isArray(value)) return (value as readonly Json[]).map(bytesIn);
      return typeof value === "string" ? this.bytes(value) : value;
    };
    return bytesIn(this.value<Json>(key));
  }

  /** The bytes that a string of a vector writes: hexadecimal, or the name of long ones. */
  bytes(text: string): Uint8Array {
    if (!text.startsWith("=")) return fromHex(text);
    const named = this.#values[text.slice(1)];
    if (named === undefined) throw new Error(`no value is named ${text}`);
    return fromBase64(named);
  }

  /** An expected value with the long bytes that it names. */
  inFull(value: Json): Json {
    if (typeof value === "string") return value.startsWith("=") ? hex(this.bytes(value)) : value;
    if (Array.isArray(value)) return (value as readonly Json[]).map((item) => this.inFull(item));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.inFull(item)]));
  }
}

/** A result as vectors write it: bytes in hexadecimal. */
export function shown(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shown(item)]));
}

export type Operation = (inputs: Inputs) => unknown;
export type Operations = Readonly<Record<string, Operation>>;

function load(name: string): Page {
  const path = new URL(`../../../../../vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf-8")) as Page;
}

async function run(operation: Operation | undefined, given: Case, page: Page): Promise<void> {
  if (operation === undefined) throw new Error(`no operation ${given.op}`);
  const inputs = new Inputs(given, page.values);
  const { refused, ...rest } = given.expect;
  if (refused === undefined) {
    expect(shown(await operation(inputs))).toEqual(inputs.inFull(given.expect));
    expect([...inputs.read].sort()).toEqual(
      Object.keys(given)
        .filter((key) => !FRAME.has(key))
        .sort(),
    );
    return;
  }
  const error = await failure(operation, inputs);
  expect(error, String(error)).toBeInstanceOf(MindhavenError);
  const { reason, row } = error as MindhavenError & { row?: number };
  expect({ reason, row }).toEqual({ reason: refused, row: rest["row"] });
}

async function failure(operation: Operation, inputs: Inputs): Promise<unknown> {
  try {
    await operation(inputs);
  } catch (error) {
    return error;
  }
  throw new Error("what should be refused was accepted");
}

/** Make one test of each case of vectors/`name`.json, twice: with WebCrypto's newer algorithms and without them. */
export function runVectors(name: string, operations: Operations): void {
  const page = load(name);
  test(`vectors/${name}.json is of spec/${name}.md and has cases`, () => {
    expect(page.spec).toBe(`spec/${name}.md`);
    expect(Object.keys(page).filter((key) => !HEAD.includes(key))).toEqual([]);
    expect(new Set(page.cases.map((given) => given.op))).toEqual(new Set(Object.keys(operations)));
  });
  describe.each([
    ["native", true],
    ["fallback", false],
  ] as const)("%s", (_, native) => {
    let ran = 0;
    beforeAll(async () => {
      useNative(native);
      // An engine without these would run the fallbacks twice and call it both.
      expect(await Promise.all(FEATURES.map(hasNative))).toEqual(FEATURES.map(() => native));
    });
    beforeEach(() => {
      useNative(native);
    });
    test.each(page.cases.map((given) => [given.name, given] as const))("%s", async (_name, given) => {
      ran += 1;
      await run(operations[given.op], given, page);
    });
    afterAll(() => {
      useNative(true);
      expect(ran, "every case ran").toBe(page.cases.length);
    });
  });
}
