/**
 * How a policy file (C2SP tlog-policy) is read, line by line; `policy.ts` says what it means. No I/O.
 *
 * Names are opaque bytes here (one character each), so that what a policy means depends on no version of Unicode.
 */

import { equal, fromUtf8 } from "../bytes.ts";
import { InvalidInputError, MindhavenError } from "../errors.ts";
import { COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, ED25519, VerifierKey } from "./note.ts";
import type { Group, PolicyFields, PolicyLog, Witness } from "./policy.ts";

const MAX_POLICY_BYTES = 256 * 1024;
const RESERVED = "none";
/** Control characters of ASCII but for the tab; bytes above are part of names. */
const CONTROL = /(?![\t\u0080-\u009f])\p{Cc}/u;
const BYTES_AT_ONCE = 8192;

/** Read a policy file; raise `InvalidInputError` (policy), naming the line. */
export function parsePolicy(data: Uint8Array): PolicyFields {
  if (data.length > MAX_POLICY_BYTES) {
    throw new InvalidInputError("This policy is larger than any should be.", { code: "policy" });
  }
  const reader = new LineReader();
  for (const [at, line] of opaque(data).split("\n").entries()) {
    if (CONTROL.test(line)) throw badLine(at + 1);
    const [kind, ...rest] = line.split(/[ \t]+/).filter((word) => word !== "");
    if (kind === undefined || kind.startsWith("#")) continue;
    try {
      reader.take(kind, rest);
    } catch (cause) {
      if (cause instanceof MindhavenError) throw badLine(at + 1, cause);
      throw cause;
    }
  }
  return reader.finish();
}

/** Takes a policy's lines in their order. */
class LineReader {
  readonly #logs: PolicyLog[] = [];
  readonly #witnesses = new Map<string, Witness>();
  readonly #groups = new Map<string, Group>();
  readonly #members = new Set<string>();
  #quorum: string | undefined;

  /** Take one line's words. */
  take(kind: string, words: readonly string[]): void {
    const [first = "", second = "", third = ""] = words;
    if (kind === "log" && (words.length === 1 || words.length === 2)) this.#takeLog(first, second);
    else if (kind === "witness" && (words.length === 2 || words.length === 3)) this.#takeWitness(first, second, third);
    else if (kind === "group" && words.length >= 2) this.#takeGroup(first, second, words.slice(2));
    else if (kind === "quorum" && words.length === 1) this.#takeQuorum(first);
    else throw bad();
  }

  finish(): PolicyFields {
    if (this.#quorum === undefined) {
      throw new InvalidInputError("A policy says its quorum: `quorum NAME`, or `quorum none`.", { code: "policy" });
    }
    return { logs: this.#logs, witnesses: this.#witnesses, groups: this.#groups, quorum: this.#quorum };
  }

  #takeLog(vkey: string, url: string): void {
    const key = keyOf(vkey, [ED25519], this.#logs);
    this.#logs.push({ key, url: asText(url) });
  }

  #takeWitness(name: string, vkey: string, url: string): void {
    this.#needFresh(name);
    const key = keyOf(vkey, [COSIGNATURE_ED25519, COSIGNATURE_MLDSA44], this.#witnesses.values());
    this.#witnesses.set(name, { name: new TextDecoder().decode(bytesOf(name)), key, url: asText(url) });
  }

  #takeGroup(name: string, needs: string, members: readonly string[]): void {
    this.#needFresh(name);
    const counts = new Map([["all", members.length], ["any", 1]]);
    for (let number = 1; number <= members.length; number++) counts.set(String(number), number);
    const count = counts.get(needs);
    // A witness or group stands in one group only, so that no one's word counts twice.
    const fresh = new Set(members).size === members.length && !members.some((one) => this.#members.has(one));
    if (count === undefined || members.length === 0 || !fresh || !members.every((one) => this.#isKnown(one))) throw bad();
    for (const member of members) this.#members.add(member);
    this.#groups.set(name, { needs: count, members });
  }

  #takeQuorum(name: string): void {
    if (this.#quorum !== undefined || (name !== RESERVED && !this.#isKnown(name))) throw bad();
    this.#quorum = name;
  }

  #isKnown(name: string): boolean {
    return this.#witnesses.has(name) || this.#groups.has(name);
  }

  #needFresh(name: string): void {
    if (name === RESERVED || this.#isKnown(name)) throw bad();
  }
}

function keyOf(
  vkey: string,
  algorithms: readonly number[],
  known: Iterable<{ readonly key: VerifierKey }>,
): VerifierKey {
  const key = VerifierKey.parse(asText(vkey));
  const double = [...known].some((one) => equal(one.key.key, key.key));
  if (!algorithms.includes(key.algorithm) || double) throw bad();
  return key;
}

function opaque(data: Uint8Array): string {
  let text = "";
  for (let at = 0; at < data.length; at += BYTES_AT_ONCE) {
    text += String.fromCharCode(...data.subarray(at, at + BYTES_AT_ONCE));
  }
  return text;
}

function bytesOf(word: string): Uint8Array {
  return Uint8Array.from(word, (character) => character.charCodeAt(0));
}

/** Return what opaque bytes say as UTF-8; raise `InvalidInputError` where they don't. */
function asText(word: string): string {
  return fromUtf8(bytesOf(word));
}

function bad(): InvalidInputError {
  return new InvalidInputError("This line of a policy is not understood.", { code: "policy" });
}

function badLine(number: number, cause?: unknown): InvalidInputError {
  return new InvalidInputError(`Line ${number} of this policy is not understood.`, { code: "policy", cause });
}
