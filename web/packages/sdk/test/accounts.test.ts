/** A server that lies about accounts, and one that wants to see a passphrase. docs/attacks/browser.md. */

import { MindhavenError, RootKey, Signed, SlotSecret, account, encode, login, shape, slots, decode, wrapInfo } from "@mindhaven/crypto";
import { expect, test } from "vitest";

import { freshSpareKey } from "../src/index.ts";
import { ACCOUNT, madeByServer, rewrapped, showing, type ShownAccount } from "./support/made.ts";
import { attack } from "./support/play.ts";
import {
  another,
  base64,
  device,
  fromBase64,
  mood,
  notes,
  onJson,
  person,
  wrote,
  type Answer,
  type Change,
  type Device,
  type Person,
} from "./support/world.ts";

const PASSWORDS = "seven quiet herons at dusk";

/** Return the person's way in of that kind, as their own list has it. */
async function wayOf(of: Person, kind: slots.SlotKind): Promise<slots.Slot> {
  const { listed } = await of.client.access.shown(of.client.access.needMe().uid);
  const found = listed.slots.find((one) => one.kind === kind);
  if (found === undefined) throw new Error("no such way in");
  return found;
}

function recover(on: Device, by: Person): Promise<void> {
  return on.client.recover(by.spare, slots.SlotKind.RECOVERY_KEY, "laptop");
}

attack("slot added by the server", async (play) => {
  const ana = await person();
  const secret = SlotSecret.fresh();
  const theirs = await slots.SlotKeys.of(secret, slots.SlotKind.RECOVERY_KEY);
  const added = new slots.Slot(new Uint8Array(16).fill(9), slots.SlotKind.RECOVERY_KEY, encode([]), theirs.unwrapper.public);
  let sent: unknown = null;
  const add: Change = (answer) => {
    if (answer.path === "/v1/account/keys") sent = JSON.parse(new TextDecoder().decode(answer.sent)) as unknown;
    return onJson<ShownAccount>("GET", ACCOUNT, (shown) => {
      const listed = slots.SlotList.decode(fromBase64(shown.slots));
      const longer = new slots.SlotList(listed.salt, [...listed.slots, added]);
      const [some] = shown.entries;
      const entries = some === undefined ? [] : [...shown.entries, { ...some, id: base64(added.id) }];
      return { ...shown, slots: base64(longer.encode()), entries };
    })(answer);
  };
  const change = async (): Promise<void> => {
    const opened = await ana.client.openWay(slots.SlotKind.PASSKEY, ana.passkey);
    await ana.client.access.change(opened.root, { fresh: "root" });
  };
  ana.wire.change = add;
  await play.lie(change);
  expect(sent).toBeNull();
  // The true server takes no such list; what counts is what had left the device by then.
  await play.off(async () => { await change().catch((error: unknown) => { expect(error).toBeInstanceOf(MindhavenError); }); });
  const keys = (sent as { keys: { statement: string; entries: { id: string; enc: string; ciphertext: string }[] } } | null)?.keys;
  const mine = keys?.entries.find((one) => one.id === base64(added.id));
  if (keys === undefined || mine === undefined) throw new Error("nothing was sent");
  const { uid } = ana.client.access.needMe();
  const wrapped = { enc: fromBase64(mine.enc), ciphertext: fromBase64(mine.ciphertext) };
  const stated = account.Statement.decode(Signed.decode(fromBase64(keys.statement)).body);
  const root = await theirs.unwrapper.unwrap(wrapped, wrapInfo("root-wrap", uid, uid, added.id, [stated.generation]));
  expect((await account.authority(new RootKey(root))).public).toEqual(stated.authority);
  ana.wire.change = null;
  await play.honest(change);
});

attack("own-root wrap to a recovery slot", async (play) => {
  const ana = await person();
  const { uid } = ana.client.access.needMe();
  const slot = await wayOf(ana, slots.SlotKind.RECOVERY_KEY);
  const { generation, rootGeneration } = await ana.client.people.fetch(uid);
  const [root, identity] = [RootKey.fresh(), await account.Identity.fresh(generation)];
  const index = ana.client.listing.id ?? new Uint8Array(32);
  const bundle = await slots.sealBundle(root, uid, generation, new slots.Bundle(new Map([[generation, identity]]), index));
  const own: Change = async (answer) => {
    if (answer.method !== "GET" || answer.path !== ACCOUNT) return null;
    const shown = JSON.parse(new TextDecoder().decode(answer.body)) as ShownAccount;
    const entries = await Promise.all(
      shown.entries.map((one) => one.id === base64(slot.id) ? rewrapped(one, root, uid, rootGeneration, slot) : Promise.resolve(one),
      ),
    );
    return new TextEncoder().encode(JSON.stringify({ ...shown, entries, bundle: base64(bundle) }));
  };
  const laptop = await device();
  laptop.wire.change = own;
  await play.lie(() => recover(laptop, ana));
  expect(laptop.client.me).toBeNull();
  laptop.wire.change = null;
  await play.honest(() => recover(laptop, ana));
  const other = await device();
  other.wire.change = own;
  await play.off(() => recover(other, ana));
  expect(other.client.access.needMe().bundle.newest().public).toEqual(identity.public);
});

attack("server's identity for a fresh device", async (play) => {
  const ana = await person();
  const made = await madeByServer(await wayOf(ana, slots.SlotKind.RECOVERY_KEY));
  const laptop = await device();
  laptop.wire.change = made.shown;
  await play.lie(() => recover(laptop, ana));
  expect(laptop.client.me).toBeNull();
  laptop.wire.change = null;
  await play.honest(() => recover(laptop, ana));
  expect(laptop.client.me?.uid).toEqual(ana.client.me?.uid);
  const other = await device();
  other.wire.change = made.shown;
  await play.off(() => recover(other, ana));
  expect(other.client.me?.uid).toEqual(made.uid);
  expect(other.client.me?.bundle.newest().public).toEqual(made.identity.public);
});

attack("another account at log-in", async (play) => {
  const [ana, ben] = [await person(), await person()];
  ana.client.entries.add(mood("only Ana's"));
  await play.lie(() => recover(ana, ben));
  expect(ana.client.me?.handle).not.toBe(ben.client.me?.handle);
  await play.honest(() => recover(ana, ana));
  await play.off(() => recover(ana, ben));
  expect(ana.client.me?.uid).toEqual(ben.client.me?.uid);
  expect(notes(ana)).toEqual(["only Ana's"]);
});

attack("keys of the server's making for a contact", async (play) => {
  const [ana, ben] = [await person(), await person()];
  const made = await madeByServer(await wayOf(ana, slots.SlotKind.PASSKEY));
  const link = await ben.client.sharing.invite();
  const benUid = ben.client.access.needMe().uid;
  let answer: Answer | null = null;
  const show = made.toOthers(benUid);
  ana.wire.change = (seen) => {
    if (seen.path.startsWith("/v1/invitations/")) answer = seen;
    return show(seen);
  };
  const accept = (): Promise<void> => ana.client.sharing.accept(link, "Ana", "Ben");
  await play.lie(accept);
  expect(answer).toBeNull();
  expect(ana.client.listing.contacts()).toEqual([]);
  await play.off(async () => { await accept(); });
  const sealed = (JSON.parse(new TextDecoder().decode((answer as Answer | null)?.sent)) as { answer: string }).answer;
  const [, , enc, ciphertext] = shape.fields(decode(fromBase64(sealed)), 4, "An answer");
  expect([enc, ciphertext].every((one) => one instanceof Uint8Array)).toBe(true);
  // It was sealed to the server's key: Ben's own does not open it.
  await ben.client.sharing.answers();
  expect(ben.client.listing.contacts()).toEqual([]);
  const eva = await person();
  const again = await ben.client.sharing.invite();
  await play.honest(() => eva.client.sharing.accept(again, "Eva", "Ben"));
  expect((await ben.client.sharing.answers()).map((one) => one.name)).toEqual(["Eva"]);
});

attack("statement fork by an old root", async (play) => {
  const [ana, ben] = [await person(), await person()];
  const { uid } = ben.client.access.needMe();
  const before = await ana.client.people.fetch(uid);
  const kept = ana.client.people.statements(uid);
  const { root } = await ben.client.openWay(slots.SlotKind.PASSKEY, ben.passkey);
  await ben.client.openWay(slots.SlotKind.RECOVERY_KEY, ben.spare); // with two ways in a new root counts at once
  expect(await ben.client.access.change(root, { fresh: "root" })).toBeNull();
  await play.honest(() => ana.client.people.fetch(uid));
  // Who holds the replaced root states keys of their own in the place of the change.
  const [theirRoot, one, two] = [RootKey.fresh(), await account.Identity.fresh(before.generation + 1), await account.Identity.fresh(before.generation + 2)];
  const first = await account.succeed(before, root, theirRoot, one, new Uint8Array(32));
  const after = await account.extend(uid, before, first);
  const second = await account.succeed(after, theirRoot, theirRoot, two, new Uint8Array(32));
  ana.wire.change = showing(uid, [...kept, first.encode(), second.encode()]);
  const error = await play.lie(() => ana.client.people.fetch(uid));
  expect(error.hint).toMatch(/Compare safety words/);
  expect(ana.client.people.known(uid)?.identity).toEqual(ben.client.me?.bundle.newest().public);
  const fooled = await play.off(() => ana.client.people.fetch(uid));
  expect(fooled.identity).toEqual(two.public);
});

attack(
  "Argon2 floor",
  async (play) => {
    const ana = await device();
    await ana.client.signUp({ with: "passphrase", words: PASSWORDS, word: "ana" }, freshSpareKey(), "phone");
    const handle = ana.client.me?.handle ?? "";
    let sent: { claim: string; signature: string } | null = null;
    let salt = "";
    const weak: Change = (answer) => {
      if (answer.path === "/v1/login") sent = JSON.parse(new TextDecoder().decode(answer.sent)) as typeof sent;
      return onJson<{ server_salt: string }>("POST", "/v1/login/start", (started) => {
        salt = started.server_salt;
        return { ...started, memory_kib: 8, passes: 1, lanes: 1 };
      })(answer);
    };
    const laptop = await device();
    laptop.wire.change = weak;
    const log = (on: Device): Promise<void> => on.client.logIn(handle, PASSWORDS, "laptop");
    const error = await play.lie(() => log(laptop));
    expect(error.hint).toMatch(/Do not type your passphrase/);
    expect(laptop.wire.asked).toEqual(["POST /v1/login/start"]);
    laptop.wire.change = null;
    await play.honest(() => log(laptop));
    const other = await device();
    other.wire.change = weak;
    const guess = await play.off(async () => {
      await log(other).catch((refused: unknown) => { expect(refused).toBeInstanceOf(MindhavenError); });
      const params = new slots.PassphraseParams({ memoryKib: 8, passes: 1, lanes: 1, serverSalt: fromBase64(salt), name: handle });
      return slots.SlotKeys.of(await params.secret(PASSWORDS), slots.SlotKind.PASSPHRASE);
    });
    // A guess at 8 KiB is enough to know whether what was sent is of that passphrase.
    const got = sent as { claim: string; signature: string } | null;
    if (got === null) throw new Error("nothing was sent");
    const claim = login.LoginClaim.decode(fromBase64(got.claim));
    const now = { expected: claim, now: claim.time };
    await login.verifyClaim(claim, guess.login.public, fromBase64(got.signature), now);
  },
  60_000,
);

test("a way in of another kind, id or key is never taken for the one that was opened", async () => {
  const ana = await person();
  const laptop = await device();
  laptop.wire.change = onJson<ShownAccount>("GET", ACCOUNT, (shown) => {
    const [one, other] = shown.entries;
    return one === undefined || other === undefined ? shown : { ...shown, entries: [{ ...one, id: other.id }, { ...other, id: one.id }] };
  });
  await expect(recover(laptop, ana)).rejects.toMatchObject({ reason: "slot-tag" });
  laptop.wire.change = onJson<ShownAccount>("GET", ACCOUNT, (shown) => ({ ...shown, entries: [] }));
  await expect(recover(laptop, ana)).rejects.toMatchObject({ reason: "slot-unknown" });
  expect(laptop.client.me).toBeNull();
});

test("a device that saw a newer account refuses an older one, and a fresh one can't know", async () => {
  const ana = await person();
  await wrote(ana, "first");
  const laptop = await another(ana);
  ana.wire.change = onJson<ShownAccount>("GET", ACCOUNT, (shown) => ({ ...shown, statements: shown.statements.slice(0, 1) }));
  await expect(ana.client.openWay(slots.SlotKind.PASSKEY, ana.passkey)).rejects.toMatchObject({ reason: "account-rollback" });
  await laptop.client.sync();
  expect(notes(laptop)).toEqual(["first"]);
});

test("a log-in that a lie broke off leaves no token behind", async () => {
  const ana = await person();
  await wrote(ana, "first");
  ana.wire.change = onJson<ShownAccount>("GET", ACCOUNT, (shown) => ({ ...shown, slots: base64(encode([])) }));
  await expect(recover(ana, ana)).rejects.toThrow();
  ana.wire.change = null;
  // The session that it had was replaced at the server; what it must not do is go on with the one that it did not take.
  await expect(ana.client.sync()).rejects.toMatchObject({ reason: "session-unknown" });
  expect(notes(ana)).toEqual(["first"]);
  await recover(ana, ana);
  await ana.client.sync();
  await ana.client.openWay(slots.SlotKind.PASSKEY, ana.passkey);
});
