/** One account with everything that leaves a device: the twin of tests/interop/account_bag.py. */

import assert from "node:assert/strict";

import {
  account,
  card,
  CHUNK_BYTES,
  concat,
  encode,
  FileKey,
  fromHex,
  hex,
  login,
  openBox,
  openStream,
  randomBytes,
  recovery,
  RootKey,
  sealBox,
  sealStream,
  SessionSigner,
  Signed,
  slots,
  SlotSecret,
  verify,
  wrapped,
} from "../../src/index.ts";

interface WrittenSlot {
  readonly id: string;
  readonly kind: number;
  readonly secret: string;
  readonly tag: string;
  readonly login: string;
  readonly enc: string;
  readonly ciphertext: string;
}

/** What crosses, bytes in hexadecimal. */
export interface Bag {
  readonly uid: string;
  readonly chain: readonly string[];
  readonly root: string;
  readonly list: string;
  readonly slots: readonly WrittenSlot[];
  readonly phrase: string;
  readonly bundle: string;
  readonly index: string;
  readonly recovery: { readonly rows: readonly string[]; readonly lookup: string };
  readonly claim: { readonly body: string; readonly key: string; readonly signature: string; readonly now: number };
  readonly fast: readonly string[];
  readonly box: { readonly key: string; readonly context: string; readonly plain: string; readonly box: string };
  readonly file: { readonly key: string; readonly plain: string; readonly sealed: readonly string[] };
  readonly card: string;
  readonly safety: { readonly number: string; readonly words: string };
  readonly answer: { readonly link: string; readonly uid: string; readonly chain: readonly string[]; readonly sealed: string };
}

const PHRASE = "fünf  Wörter ﬁnden den Weg";
const ORIGIN = "https://haven.example";

interface Way {
  readonly secret: SlotSecret;
  readonly keys: slots.SlotKeys;
  readonly slot: slots.Slot;
}

async function way(kind: slots.SlotKind): Promise<Way> {
  const params = slots.PassphraseParams.fresh("ada", randomBytes(16));
  const typed = kind === slots.SlotKind.PASSPHRASE;
  const secret = typed ? await params.secret(PHRASE) : SlotSecret.fresh();
  const keys = await slots.SlotKeys.of(secret, kind);
  const slot = new slots.Slot(randomBytes(16), kind, encode(typed ? params.value() : []), keys.unwrapper.public);
  return { secret, keys, slot };
}

/** Return a new account after one change of keys, with four ways in and one answered invitation. */
export async function make(now: number): Promise<Bag> {
  const [oldRoot, root] = [RootKey.fresh(), RootKey.fresh()];
  const [first, second] = [await account.Identity.fresh(1), await account.Identity.fresh(2)];
  const ways = await Promise.all(Object.values(slots.SlotKind).map(way));
  const listed = slots.SlotList.fresh(ways.map(({ slot }) => slot));
  const genesis = await account.genesis(oldRoot, first, listed.hash());
  const { uid } = account.Statement.decode(genesis.body);
  const before = await account.verifyChain(uid, [genesis]);
  const statement = await account.succeed(before, oldRoot, root, second, listed.hash());
  const state = await account.extend(uid, before, statement);
  const bundle = new slots.Bundle(new Map([[2, second], [1, first]]), randomBytes(32)); // prettier-ignore
  const recoveryKey = ways[1]?.secret ?? SlotSecret.fresh();
  return {
    uid: hex(uid),
    chain: [genesis, statement].map((one) => hex(one.encode())),
    root: hex(root.bytes),
    list: hex(listed.encode()),
    slots: await Promise.all(ways.map((one) => written(one, state, root))),
    phrase: PHRASE,
    bundle: hex(await slots.sealBundle(root, uid, state.generation, bundle)),
    index: hex(bundle.index),
    recovery: { rows: recovery.rows(recoveryKey), lookup: hex(recovery.lookupId(recoveryKey)) },
    claim: await claimed(now),
    fast: (await second.signer.signFast("commit", genesis.body)).map(hex),
    box: await boxed(),
    file: await filed(),
    card: new card.Card("ada", uid).text(),
    ...(await answered(state)),
  };
}

async function written({ secret, keys, slot }: Way, state: account.AccountState, root: RootKey): Promise<WrittenSlot> {
  const { enc, ciphertext } = await slots.wrapRoot(root, state.uid, state.rootGeneration, slot);
  return {
    id: hex(slot.id),
    kind: slot.kind,
    secret: hex(secret.bytes),
    tag: hex(slots.slotTag(keys, state.uid, slot)),
    login: hex(keys.login.public),
    enc: hex(enc),
    ciphertext: hex(ciphertext),
  };
}

async function claimed(now: number): Promise<Bag["claim"]> {
  const key = await SessionSigner.fresh();
  const fresh = { detail: randomBytes(32), nonce: randomBytes(32), time: now };
  const claim = new login.LoginClaim({ origin: ORIGIN, account: "ada", purpose: login.PURPOSE_SESSION, ...fresh });
  return { body: hex(claim.encode()), key: hex(key.public), signature: hex(await claim.sign(key)), now };
}

async function boxed(): Promise<Bag["box"]> {
  const [key, context, plain] = [randomBytes(32), randomBytes(40), randomBytes(700)];
  const box = await sealBox(key, "bundle", context, plain);
  return { key: hex(key), context: hex(context), plain: hex(plain), box: hex(box) };
}

async function filed(): Promise<Bag["file"]> {
  const [key, plain] = [FileKey.fresh(), concat(randomBytes(CHUNK_BYTES), randomBytes(1000))];
  const sealed = await collect(sealStream(key, [plain.subarray(0, CHUNK_BYTES), plain.subarray(CHUNK_BYTES)]));
  return { key: hex(key.bytes), plain: hex(plain), sealed: sealed.map(hex) };
}

async function answered(state: account.AccountState): Promise<Pick<Bag, "safety" | "answer">> {
  const guest = await account.Identity.fresh(1);
  const genesis = await account.genesis(RootKey.fresh(), guest, randomBytes(32));
  const { uid } = account.Statement.decode(genesis.body);
  const invitation = new card.Invitation(state.uid, randomBytes(32), randomBytes(32));
  const sealed = await card.answer(invitation, state, { uid, keyId: 1, handle: "grace", name: "Grace 🌱" }, guest);
  return {
    safety: { number: card.safetyNumber(state.uid, uid), words: card.safetyWords(state.uid, uid) },
    answer: { link: invitation.link(`${ORIGIN}/`), uid: hex(uid), chain: [hex(genesis.encode())], sealed: hex(sealed) },
  };
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

async function verified(uid: string, chain: readonly string[]): Promise<account.AccountState> {
  return account.verifyChain(fromHex(uid), chain.map((one) => Signed.decode(fromHex(one)))); // prettier-ignore
}

/** Verify and open everything in `bag`; raise what the first check raises that does not hold. */
export async function check(bag: Bag): Promise<void> {
  const state = await verified(bag.uid, bag.chain);
  assert.deepEqual([state.generation, state.seq, state.rootGeneration], [2, 1, 2]);
  const listed = slots.SlotList.decode(fromHex(bag.list));
  for (const one of bag.slots) {
    const keys = await slots.SlotKeys.of(new SlotSecret(fromHex(one.secret)), slots.slotKind(one.kind));
    assert.equal(hex(keys.login.public), one.login);
    const message = wrapped(fromHex(one.enc), fromHex(one.ciphertext));
    const root = await slots.openSlot(keys, state, listed, fromHex(one.id), fromHex(one.tag), message);
    assert.equal(hex(root.bytes), bag.root);
  }
  const bundle = await slots.openBundle(new RootKey(fromHex(bag.root)), state, fromHex(bag.bundle));
  assert.deepEqual([[...bundle.identities.keys()], hex(bundle.index)], [[1, 2], bag.index]);
  const key = recovery.parse(bag.recovery.rows.join(" ").toLowerCase());
  assert.deepEqual([hex(key.bytes), hex(recovery.lookupId(key))], [bag.slots[1]?.secret, bag.recovery.lookup]);
  await checkClaim(bag.claim);
  const [genesis] = bag.chain.map((one) => Signed.decode(fromHex(one)));
  const fast = bag.fast.map(fromHex);
  await verify("commit", state.identity.signing, genesis?.body ?? fromHex(""), fast, { hybrid: false });
  await checkSealed(bag);
  const { handle, uid } = card.Card.parse(bag.card);
  assert.deepEqual([handle, uid], ["ada", state.uid]);
  await checkAnswer(bag, state, bundle.newest());
  // Last, since it takes longest and what was changed is refused before.
  const byPhrase = await listed.slots[0]?.passphraseParams().secret(bag.phrase);
  assert.equal(hex(byPhrase?.bytes ?? fromHex("")), bag.slots[0]?.secret);
}

async function checkClaim(given: Bag["claim"]): Promise<void> {
  const claim = login.LoginClaim.decode(fromHex(given.body));
  const options = { expected: claim, now: given.now };
  await login.verifyClaim(claim, fromHex(given.key), fromHex(given.signature), options);
}

async function checkSealed({ box, file }: Bag): Promise<void> {
  const opened = await openBox(fromHex(box.key), "bundle", fromHex(box.context), fromHex(box.box));
  assert.equal(hex(opened), box.plain);
  const parts = await collect(openStream(new FileKey(fromHex(file.key)), file.sealed.map(fromHex)));
  assert.equal(hex(concat(...parts)), file.plain);
}

async function checkAnswer(bag: Bag, state: account.AccountState, identity: account.Identity): Promise<void> {
  const guest = await verified(bag.answer.uid, bag.answer.chain);
  const invitation = card.Invitation.parse(bag.answer.link);
  assert.deepEqual(invitation.inviter, state.uid);
  const found = await card.openAnswer(invitation, fromHex(bag.answer.sealed), identity, guest);
  assert.deepEqual(found, { uid: guest.uid, keyId: 1, handle: "grace", name: "Grace 🌱" });
  const safety = { number: card.safetyNumber(guest.uid, state.uid), words: card.safetyWords(guest.uid, state.uid) };
  assert.deepEqual(bag.safety, safety);
}
