import { readFileSync } from "node:fs";

import { describe, expect, test } from "vitest";

import { concat, equal, tlog, useNative, utf8 } from "../../src/index.ts";
import { entryAt, leavesOf, path, rootOf } from "./rfc6962.ts";
import { log, quantumWitness, reasonOf, signed, witness } from "./signing.ts";

const LOG = log("example.org/log/audit", 1);
const WITNESS = witness("witness.example/w", 7);
const QUANTUM = quantumWitness("witness.example/pq", 9);
const LEAVES = leavesOf(5);
const ROOT = Buffer.from(rootOf(LEAVES)).toString("base64");
const TEXT = `example.org/log/audit\n5\n${ROOT}\n`;
const NOTE = signed(TEXT, LOG.line(TEXT));
const BODY = new TextDecoder().decode(NOTE.encode());
const ZERO64 = Buffer.from(new Uint8Array(32)).toString("base64");

// The example of the Go note package, whose key and note its documentation prints.
const GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const GO_NOTE =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n" +
  "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

describe("what other programs made", () => {
  const kept = (name: string): Record<string, string> => {
    const file = new URL(`../../../../../tests/unit/tlog/peers/${name}.json`, import.meta.url);
    return JSON.parse(readFileSync(file, "utf-8")) as Record<string, string>;
  };

  test("a note of Go's package", async () => {
    const key = tlog.VerifierKey.parse(GO_VKEY);
    expect(String(key)).toBe(GO_VKEY);
    const note = tlog.Note.parse(utf8(GO_NOTE));
    expect(await note.signedBy([key])).toEqual([key]);
    expect(note.encode()).toEqual(utf8(GO_NOTE));
    const changed = tlog.Note.parse(utf8(GO_NOTE.replace("think", "thimk")));
    expect(await reasonOf(() => changed.signedBy([key]))).toBe("note-signature");
  });

  test.each([
    ["litewitness", 65_793],
    ["sigsum-witness", 257],
  ])("a cosignature of %s", async (name, size) => {
    const made = kept(name);
    const [logKey, key] = [tlog.VerifierKey.parse(made["log"] ?? ""), tlog.VerifierKey.parse(made["witness"] ?? "")];
    const note = tlog.Note.parse(utf8(made["note"] ?? ""));
    expect((await tlog.openCheckpoint(note, logKey)).size).toBe(size);
    expect(await tlog.cosignedAt(note, key)).toBeGreaterThan(1_795_000_000);
    for (const place of [0, 7, 8, 40, 71]) {
      const lines = note.lines.map((line) => ({
        ...line,
        signature: line.signature.map((byte, at) => (at === place ? byte ^ 1 : byte)),
      }));
      expect(await reasonOf(() => tlog.cosignedAt(new tlog.Note(note.text, lines), key))).toBe("note-signature");
    }
  });

  test("a proof of spicy", async () => {
    const made = kept("spicy-torchwood");
    const key = tlog.VerifierKey.parse(made["log"] ?? "");
    const proof = tlog.TlogProof.parse(utf8(made["proof"] ?? ""));
    expect((await proof.verify(utf8(made["entry"] ?? ""), key)).size).toBe(3);
    expect(proof.encode()).toEqual(utf8(made["proof"] ?? ""));
    expect(await reasonOf(() => proof.verify(utf8(`${made["entry"] ?? ""}!`), key))).toBe("proof-mismatch");
  });
});

describe("names and keys", () => {
  test.each(["", "a b", "a+b", "a\tb", "a\u00a0b", "a\u2003b", "a\nb", "a\u0001", "a\ud800", "x".repeat(256), "é".repeat(128)])(
    "%j is no name",
    async (name) => {
      expect(await reasonOf(() => tlog.checkName(name))).toBe("note-name");
    },
  );

  test("a name of 255 bytes is one", () => {
    expect(tlog.checkName("x".repeat(255))).toHaveLength(255);
  });

  test.each([
    "",
    "a",
    "a+b",
    "a+624e01b5+",
    "a+zz+AQ==",
    GO_VKEY.slice(0, -4),
    GO_VKEY.replace("+c74f", "+c74e"),
    GO_VKEY.replace("+c74f", "+C74F"),
    `${GO_VKEY}=`,
    GO_VKEY.replace("+ARpc", "+Axpc"),
    GO_VKEY.replace("+ARpc", "+Bhpc"),
  ])("%j is no verifier key", async (vkey) => {
    expect(await reasonOf(() => tlog.VerifierKey.parse(vkey))).toBe("vkey");
  });
});

describe("notes", () => {
  test.each([
    "",
    "\n\n",
    "text",
    "text\n",
    "text\n\n",
    BODY.slice(0, -1),
    `${BODY}\n`,
    BODY.replace("\u2014 ", "- "),
    BODY.replace("\n\n", "\n"),
    `\u0001${BODY}`,
    `\u0085${BODY}`,
    BODY.replace("5\n", "5\r\n"),
    BODY + (BODY.split("\n\n")[1] ?? "").repeat(64),
    "x".repeat(300_000) + BODY,
    `${BODY.slice(0, -2)}*\n`,
    "t\n\n\u2014 a AAAAAA==\n",
    "t\n\n\u2014 a AAAAAAB=\n",
  ])("note-shape %#", async (data) => {
    expect(await reasonOf(() => tlog.Note.parse(utf8(data)))).toBe("note-shape");
  });

  test("bytes that are no text", async () => {
    expect(await reasonOf(() => tlog.Note.parse(concat(Uint8Array.of(0xff), utf8(BODY))))).toBe("note-shape");
  });

  test("the last empty line parts text and signatures; 64 lines and 256 KiB are read", async () => {
    const text = "one\n\ntwo\n";
    const note = signed(text, ...Array.from({ length: 64 }, () => LOG.line(text)));
    expect(tlog.Note.parse(note.encode())).toEqual(note);
    expect(await note.signedBy([LOG.vkey, tlog.VerifierKey.parse(GO_VKEY), WITNESS.vkey])).toEqual([LOG.vkey]);
    const padded = utf8("x".repeat(tlog.MAX_NOTE_BYTES - utf8(BODY).length) + BODY);
    expect(tlog.Note.parse(padded).lines).toEqual(NOTE.lines);
    expect(await reasonOf(() => tlog.Note.parse(concat(utf8("x"), padded)))).toBe("note-shape");
  });
});

describe("checkpoints", () => {
  test("one is opened by the log that signed it", async () => {
    const opened = await tlog.openCheckpoint(tlog.Note.parse(NOTE.encode()), LOG.vkey);
    expect(opened).toEqual({ origin: "example.org/log/audit", size: 5, root: rootOf(LEAVES) });
    expect(tlog.checkpointText(opened)).toBe(TEXT);
    expect(tlog.parseCheckpoint(`${TEXT}an extension line\n`)).toEqual(opened);
    const other = log("example.org/log/keys", 1);
    expect(await reasonOf(() => tlog.openCheckpoint(NOTE, other.vkey))).toBe("checkpoint-origin");
    for (const lines of [[], [other.line(TEXT)], [WITNESS.line(TEXT)]]) {
      expect(await reasonOf(() => tlog.openCheckpoint(signed(TEXT, ...lines), LOG.vkey))).toBe("note-unsigned");
    }
  });

  test.each([
    "",
    "a\n5\n",
    "a\n5\nx\n",
    `a\n05\n${ZERO64}\n`,
    `a\n-5\n${ZERO64}\n`,
    `a\n\u0665\n${ZERO64}\n`,
    `a\n\n${ZERO64}\n`,
    `a\n5\n${ZERO64.slice(0, -4)}\n`,
    `a\n5\n${ZERO64}`,
    `a\n5\n${ZERO64}\n\nx\n`,
    `a\n9007199254740992\n${ZERO64}\n`,
    `a\n${"9".repeat(5000)}\n${ZERO64}\n`,
    `\n5\n${ZERO64}\n`,
  ])("%j is none", async (text) => {
    expect(await reasonOf(() => tlog.parseCheckpoint(text))).toBe("checkpoint-shape");
  });

  test("the largest log has one", () => {
    expect(tlog.parseCheckpoint(`a\n9007199254740991\n${ZERO64}\n`).size).toBe(2 ** 53 - 1);
  });
});

describe("cosignatures", () => {
  test.each([
    ["Ed25519", WITNESS],
    ["ML-DSA-44", QUANTUM],
  ])("%s: signs time, origin, size and root", async (_, who) => {
    const note = signed(TEXT, LOG.line(TEXT), who.line(TEXT, 1_795_000_060), who.line(TEXT, 5));
    const read = tlog.Note.parse(note.encode());
    expect(await tlog.cosignedAt(read, who.vkey)).toBe(1_795_000_060);
    expect(await tlog.cosignedAt(NOTE, who.vkey)).toBeUndefined();
    const line = who.line(TEXT, 77);
    const changed = (at: number): tlog.Line => ({ ...line, signature: line.signature.map((byte, i) => (i === at ? byte ^ 1 : byte)) });
    const cut = (end: number): tlog.Line => ({ ...line, signature: line.signature.slice(0, end) });
    const larger = signed(TEXT.replace("\n5\n", "\n6\n"), line);
    for (const bad of [signed(TEXT, changed(7)), signed(TEXT, changed(30)), signed(TEXT, cut(8)), signed(TEXT, cut(-1)), larger]) {
      expect(await reasonOf(() => tlog.cosignedAt(bad, who.vkey))).toBe("note-signature");
    }
  });

  test("a log's own signature is none", async () => {
    expect(await tlog.cosignedAt(NOTE, LOG.vkey)).toBeUndefined();
  });
});

describe("receipts", () => {
  const receipt = (index: number, extra?: Uint8Array): tlog.TlogProof =>
    new tlog.TlogProof(index, path(index, LEAVES), NOTE, extra);
  const whole = new TextDecoder().decode(receipt(4, utf8("hi")).encode());

  test.each([undefined, "", "about"])("says where an entry stands, with %j beside it", async (said) => {
    for (let index = 0; index < 5; index++) {
      const made = receipt(index, said === undefined ? undefined : utf8(said));
      const read = tlog.TlogProof.parse(made.encode());
      expect(read).toEqual(made);
      expect((await read.verify(entryAt(index), LOG.vkey)).size).toBe(5);
      expect(await reasonOf(() => read.verify(entryAt(index + 1), LOG.vkey))).toBe("proof-mismatch");
    }
  });

  test("is written line by line", () => {
    const root = Buffer.from(rootOf(LEAVES.slice(0, 4))).toString("base64");
    const lines = ["c2sp.org/tlog-proof@v1", "extra aGk=", "index 4", root, "", "example.org/log/audit"];
    expect(whole.split("\n").slice(0, 6)).toEqual(lines);
  });

  test.each([
    "",
    whole.replace("@v1", "@v2"),
    whole.replace("aGk=", "aGk"),
    whole.replace("index 4", "index 04"),
    whole.replace("index 4", "index -4"),
    whole.replace("index 4\n", ""),
    whole.replace("index 4", "at 4"),
    whole.replace("\n\n", "\n"),
    whole.replace("index", "ind\u00e9x"),
    `c2sp.org/tlog-proof@v1\n\n${BODY}`,
    `c2sp.org/tlog-proof@v1\nindex ${"9".repeat(21)}\n\n${BODY}`,
    `c2sp.org/tlog-proof@v1\nindex 4\n${Array.from({ length: 64 }, () => ZERO64).join("\n")}\n\n${BODY}`,
    `c2sp.org/tlog-proof@v1\nindex 4\nAAAA\n\n${BODY}`,
    `c2sp.org/tlog-proof@v1\nindex 4\n*\n\n${BODY}`,
    whole + "\u2014 a AAAAAAAA\n".repeat(40_000),
  ])("tlog-proof %#", async (data) => {
    // One of them loses its end of the head to the first empty line of the note: what is left has no index either.
    expect(await reasonOf(() => tlog.TlogProof.parse(utf8(data)))).toBe("tlog-proof");
  });

  test("as many hashes as any log needs are read, and too many for this one refused", async () => {
    const made = new tlog.TlogProof(0, Array.from({ length: 63 }, () => new Uint8Array(32)), NOTE);
    expect(tlog.TlogProof.parse(made.encode())).toEqual(made);
    expect(await reasonOf(() => made.verify(entryAt(0), LOG.vkey))).toBe("proof-length");
  });
});

test.each([true, false])("a key of small order signs no note (native: %s)", async (native) => {
  // The neutral point as key and nonce, and s = 0, verify under any text by the plain equation.
  const neutral = Uint8Array.of(1, ...new Uint8Array(31));
  const key = new tlog.VerifierKey("example.org/log/audit", tlog.ED25519, neutral);
  const line = { name: key.name, keyId: key.id, signature: concat(neutral, new Uint8Array(32)) };
  useNative(native);
  try {
    expect(await reasonOf(() => signed(TEXT, line).signedBy([key]))).toBe("note-signature");
  } finally {
    useNative(true);
  }
});

test.each([true, false])("a signature with a byte more or less is none (native: %s)", async (native) => {
  useNative(native);
  try {
    // A last byte of zero is lost without a trace where a number is read: 1 of 16 signatures ends in one.
    const texts = Array.from({ length: 40 }, (_, at) => `${at}\n`);
    const lines = texts.map((text) => LOG.line(text));
    const at = lines.findIndex((line) => line.signature.at(-1) === 0);
    const [text = TEXT, line = LOG.line(TEXT)] = [texts[at], lines[at]];
    expect(await signed(text, line).signedBy([LOG.vkey])).toEqual([LOG.vkey]);
    for (const signature of [line.signature.slice(0, -1), concat(line.signature, Uint8Array.of(0))]) {
      expect(await reasonOf(() => signed(text, { ...line, signature }).signedBy([LOG.vkey]))).toBe("note-signature");
    }
  } finally {
    useNative(true);
  }
});

test("an id is the hash of name and key, so the same key under another name is another", () => {
  expect(equal(log("a", 1).vkey.id, log("b", 1).vkey.id)).toBe(false);
});
