import { describe, expect, test } from "vitest";

import { concat, tlog, utf8 } from "../../src/index.ts";
import { leavesOf, rootOf } from "./rfc6962.ts";
import { log, quantumWitness, reasonOf, signed, witness } from "./signing.ts";

const LOG = log("example.org/log", 1);
const OTHER = log("example.org/other", 2);
const W = [10, 11, 12, 13, 14].map((byte, at) => witness(`w${at}.example`, byte));
const QUANTUM = quantumWitness("pq.example", 3);
const [V0 = "", V1 = "", V2 = "", V3 = "", V4 = ""] = W.map((one) => String(one.vkey));

const textOf = (origin: string): string =>
  `${origin}\n5\n${Buffer.from(rootOf(leavesOf(5))).toString("base64")}\n`;
const TEXT = textOf("example.org/log");

/** The checkpoint as the witnesses of those numbers cosigned it, each a second after the one before. */
function cosigned(...who: readonly number[]): tlog.Note {
  const lines = W.flatMap((one, at) => (who.includes(at) ? [one.line(TEXT, 1000 + at)] : []));
  return signed(TEXT, LOG.line(TEXT), ...lines);
}

const LINES = `# a practice, and two groups of patients
log ${String(LOG.vkey)} https://example.org/log
witness a1 ${V0}
\twitness\ta2  ${V1} \u0020
witness a3 ${V2} https://w2.example/
group A 2 a1 a2 a3

witness b1 ${V3}
witness b2 ${V4}
group B any b1 b2
  # both
group AB all A B
quorum AB
`;
const POLICY = tlog.Policy.parse(utf8(LINES));

describe("a quorum of groups", () => {
  test.each([
    [[], undefined],
    [[0, 1], undefined],
    [[0, 3], undefined],
    [[0, 1, 3], 1000],
    [[1, 2, 4], 1001],
    [[0, 1, 2, 3, 4], 1001],
  ])("of %j is as old as the least member that it needs: %s", async (who, time) => {
    const note = cosigned(...who);
    const times = await POLICY.cosigned(note);
    expect(POLICY.quorumTime(times)).toBe(time);
    if (time === undefined) {
      expect(await reasonOf(() => POLICY.open(note))).toBe("quorum");
      return;
    }
    const opened = await POLICY.open(note);
    expect(opened.checkpoint.size).toBe(5);
    const names = ["a1", "a2", "a3", "b1", "b2"];
    expect(opened.times).toEqual(new Map(who.map((at) => [names[at], 1000 + at])));
  });
});

test("a policy says what it was told", async () => {
  expect(POLICY.logs).toEqual([{ key: LOG.vkey, url: "https://example.org/log" }]);
  expect([POLICY.witnesses.get("a3")?.url, POLICY.witnesses.get("a1")?.url]).toEqual(["https://w2.example/", ""]);
  expect(POLICY.groups.get("A")).toEqual({ needs: 2, members: ["a1", "a2", "a3"] });
  const other = textOf("example.org/other");
  expect(await reasonOf(() => POLICY.open(signed(other, OTHER.line(other))))).toBe("checkpoint-origin");
  expect((await POLICY.open(cosigned(0, 1, 3), LOG.vkey)).checkpoint.size).toBe(5);
});

test.each([
  ["1", 1],
  ["2", 2],
  ["any", 1],
  ["all", 2],
])("a group of two that needs %s", (needs, count) => {
  const policy = tlog.Policy.parse(utf8(`witness a ${V0}\nwitness b ${V1}\ngroup g ${needs} a b\nquorum g`));
  expect(policy.groups.get("g")?.needs).toBe(count);
  expect([policy.met(new Set(["a"])), policy.met(new Set(["a", "b"]))]).toEqual([count === 1, true]);
});

test("one witness, nobody, or a name that is no text", async () => {
  const alone = tlog.Policy.parse(utf8(`witness w ${V0}\nquorum w`));
  expect([alone.met(new Set(["w"])), alone.met(new Set())]).toEqual([true, false]);
  const nobody = tlog.Policy.parse(utf8(`log ${String(LOG.vkey)}\nquorum none\n`));
  expect((await nobody.open(signed(TEXT, LOG.line(TEXT)))).times).toEqual(new Map());
  expect(nobody.quorumTime(new Map())).toBeUndefined();
  expect(new tlog.Policy().quorum).toBe("none");
  const strange = tlog.Policy.parse(
    concat(utf8("witness caf"), Uint8Array.of(0xe9), utf8(` ${String(QUANTUM.vkey)}\nquorum caf`), Uint8Array.of(0xe9)),
  );
  const opened = await strange.open(signed(TEXT, LOG.line(TEXT), QUANTUM.line(TEXT, 3)), LOG.vkey);
  expect([...opened.times]).toEqual([["caf\u00e9", 3]]);
  expect(strange.witnesses.get("caf\u00e9")?.name).toBe("caf\ufffd");
});

const GOOD = `witness a ${V0}\nwitness b ${V1}\n`;
const L = String(LOG.vkey);

describe("a line that is not understood is named", () => {
  test.each([
    ["log", 1],
    ["log x", 1],
    [`log ${V0}`, 1],
    [`log ${L} u v`, 1],
    [`log ${L}\nlog ${L}`, 2],
    [`witness a ${L}`, 1],
    ["witness a", 1],
    [`witness none ${V0}`, 1],
    [`witness a ${V0} u v`, 1],
    [`witness a ${V0}\nwitness b ${V0}`, 2],
    [`witness a ${V0}\nwitness a ${V1}`, 2],
    [`${GOOD}group g all`, 3],
    [`${GOOD}group g 0 a`, 3],
    [`${GOOD}group g 3 a b`, 3],
    [`${GOOD}group g -1 a`, 3],
    [`${GOOD}group g some a`, 3],
    [`${GOOD}group g any a a`, 3],
    [`${GOOD}group g any c`, 3],
    [`${GOOD}group a any b`, 3],
    [`${GOOD}group none any b`, 3],
    [`${GOOD}group g any a\ngroup h any a`, 4],
    [`${GOOD}group g any none`, 3],
    [`${GOOD}group g 1000 a`, 3],
    [`${GOOD}group g \u0661 a`, 3],
    ["quorum a", 1],
    ["quorum none\nquorum none", 2],
    ["quorum none none", 1],
    ["what is this", 1],
    ["quorum none\u000b", 1],
    ["quorum none\u007f", 1],
    ["group", 1],
    [`witness a ${V0} \u00e9\u0000`, 1],
  ])("%j", (text, line) => {
    expect(() => tlog.Policy.parse(utf8(text))).toThrow(
      expect.objectContaining({ reason: "policy", message: `Line ${line} of this policy is not understood.` }),
    );
  });

  test("a key or an address that is no text", async () => {
    const data = concat(utf8(`log ${L} https://`), Uint8Array.of(0xff), utf8("\nquorum none\n"));
    expect(await reasonOf(() => tlog.Policy.parse(data))).toBe("policy");
  });

  test.each(["", GOOD, "#".repeat(300_000)])("without a quorum, or too large (%#)", async (text) => {
    expect(await reasonOf(() => tlog.Policy.parse(utf8(text)))).toBe("policy");
  });
});
