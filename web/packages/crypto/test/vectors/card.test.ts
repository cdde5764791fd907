import { expect } from "vitest";

import { account, card } from "../../src/index.ts";
import { accountOf, readerOf } from "./account_ops.ts";
import { type Inputs, runVectors } from "./harness.ts";

interface WrittenInvitation {
  readonly inviter: string;
  readonly id: string;
  readonly secret: string;
}

function invitationOf(x: Inputs): card.Invitation {
  const { inviter, id, secret } = x.value<WrittenInvitation>("invitation");
  return new card.Invitation(x.bytes(inviter), x.bytes(id), x.bytes(secret));
}

async function doOpenAnswer(x: Inputs): Promise<unknown> {
  const sealed = x.raw("sealed");
  expect(card.answerer(sealed).keyId).toBe(1);
  const found = await card.openAnswer(invitationOf(x), sealed, await readerOf(x), await accountOf(x));
  return { uid: found.uid, key_id: found.keyId, handle: found.handle, name: found.name };
}

runVectors("card", {
  card: (x) => ({ text: new card.Card(x.text("handle"), x.raw("uid")).text() }),
  "read-card": (x) => {
    const found = card.Card.parse(x.text("text"));
    return { handle: found.handle, uid: found.uid };
  },
  safety: (x) => ({
    number: card.safetyNumber(x.raw("one"), x.raw("other")),
    words: card.safetyWords(x.raw("one"), x.raw("other")),
  }),
  link: (x) => ({ link: invitationOf(x).link(x.text("origin")) }),
  "read-link": (x) => {
    const found = card.Invitation.parse(x.text("text"));
    return { invitation: { inviter: found.inviter, id: found.id, secret: found.secret } };
  },
  "answer-to": async (x) => {
    const who = { uid: new Uint8Array(32), keyId: 1, handle: "x", name: "x" };
    return card.answer(invitationOf(x), await accountOf(x), who, await account.Identity.fresh(1));
  },
  "open-answer": doOpenAnswer,
});
