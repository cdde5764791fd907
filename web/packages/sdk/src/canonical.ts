/**
 * The one encoding of a record's body: JSON with sorted names (RFC 8785), the same bytes as the Python library. No I/O.
 */

import { InvalidInputError, fromUtf8, utf8 } from "@mindhaven/crypto";

/** A value that JSON carries exactly. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

/** Largest encoded body: twice what four full free-text fields of four-byte characters need; files are attachments. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** Nesting that a body may have: known kinds need 3. */
const MAX_BODY_DEPTH = 16;

/** Return the canonical JSON of `body`; throws `InvalidInputError` for a value that JSON can't carry exactly. */
export function encodeBody(body: JsonObject): Uint8Array {
  const text = written(body, 0);
  if (!text.isWellFormed()) {
    throw new InvalidInputError("A text in this record holds half a character.", { code: "body-text" });
  }
  const data = utf8(text);
  if (data.length > MAX_BODY_BYTES) {
    throw new InvalidInputError("This record is too large.", { code: "body-too-large", hint: "Attach a file." });
  }
  return data;
}

/** Return the body that `data` holds; throws `InvalidInputError` for anything but one JSON object. */
export function decodeBody(data: Uint8Array): JsonObject {
  if (data.length > MAX_BODY_BYTES) {
    throw new InvalidInputError("This record is too large.", { code: "body-too-large" });
  }
  let body: unknown;
  try {
    body = JSON.parse(fromUtf8(data));
  } catch {
    throw new InvalidInputError("These bytes are not JSON.", { code: "body-malformed" });
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new InvalidInputError("A record's body must be a JSON object.", { code: "body-malformed" });
  }
  encodeBody(body as JsonObject);
  return body as JsonObject;
}

function written(value: unknown, depth: number): string {
  if (value === null) return "null";
  if (typeof value === "string" || typeof value === "boolean") return JSON.stringify(value);
  if (typeof value === "number") return writtenNumber(value);
  if (typeof value !== "object") {
    throw new InvalidInputError("This record holds a value that JSON has no form for.", { code: "body-type" });
  }
  if (depth >= MAX_BODY_DEPTH) {
    throw new InvalidInputError("This record is nested too deeply.", { code: "body-too-deep" });
  }
  if (Array.isArray(value)) return `[${value.map((one) => written(one, depth + 1)).join(",")}]`;
  return writtenObject(value, depth);
}

function writtenObject(value: object, depth: number): string {
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
  return `{${fields.map(([name, one]) => `${JSON.stringify(name)}:${written(one, depth + 1)}`).join(",")}}`;
}

function writtenNumber(value: number): string {
  if (!Number.isFinite(value)) {
    throw new InvalidInputError("A record holds finite numbers only.", { code: "body-number" });
  }
  return Object.is(value, -0) ? "0" : JSON.stringify(value);
}
