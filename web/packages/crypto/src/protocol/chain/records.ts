/** The rules for records and the epochs that they are sealed in: spec/chain.md steps 8-10. No I/O. */

import { ByteMap, ByteSet } from "../../bytemap.ts";
import { equal } from "../../bytes.ts";
import type { Erase, Open, Put } from "../change.ts";
import { withWraps } from "../epoch.ts";
import { isEntitled, OWNER } from "../member.ts";
import { entitled, mayHoldOn } from "./state.ts";
import { broken, type Work } from "./work.ts";

/** Step 8: a new record, or the next revision of an own one, in an epoch that may seal today. */
export function put(work: Work, change: Put): void {
  let month = work.usable.get(change.epoch);
  if (month === undefined) {
    month = monthToSealIn(work, change.epoch);
    work.usable.set(change.epoch, month);
  }
  const current = work.item(change.item);
  if (current === undefined) {
    if (change.revision !== 1) throw broken("A record does not begin with its first revision.", "revision-order");
  } else {
    if (current.erased) throw broken("An erased record's id is used again.", "item-erased");
    if (!equal(current.author, work.author)) throw broken("Nobody edits another's record.", "not-the-author");
    if (change.revision !== current.revision + 1) {
      throw broken("A record's revision is missing or out of order.", "revision-order");
    }
    if (current.month !== month) throw broken("A revision stays in its record's month.", "month-changed");
  }
  const { revision, epoch } = change;
  work.setItem(change.item, { revision, epoch, author: work.author, month, erased: false });
}

/** Return the month of an epoch that the author may seal in now. */
function monthToSealIn(work: Work, number: number): number {
  const me = work.needWriter();
  const epoch = work.epochs.get(number);
  if (epoch === undefined) throw broken("A record is sealed in an epoch that was never opened.", "epoch-unknown");
  if (!isEntitled(me, epoch.month, work.day)) {
    throw broken("The author may not write in this month.", "month-not-entitled");
  }
  if (!mayHoldOn(work, epoch, work.day)) {
    throw broken("A record is sealed in an epoch that others than the members hold.", "epoch-holders");
  }
  return epoch.month;
}

/** Step 9: by its author or the owner, and not while the law keeps it. */
export function erase(work: Work, change: Erase): void {
  const me = work.needWriter();
  const current = work.item(change.item);
  if (current === undefined || current.erased) throw broken("A record that is not there is erased.", "item-not-live");
  if (me.role !== OWNER && !equal(current.author, work.author)) {
    throw broken("Only its author or the owner erases a record.", "not-the-author");
  }
  if (work.day < work.settings.holdUntil) {
    throw broken("The law keeps these records until a later day.", "on-hold");
  }
  work.setItem(change.item, { ...current, erased: true });
}

/** Step 10: the next epoch, wrapped to exactly those entitled to its month. */
export function open(work: Work, change: Open): void {
  const me = work.needWriter();
  if (change.epoch !== highest(work.epochs) + 1) {
    throw broken("An epoch is missing or out of order.", "epoch-order");
  }
  if (!isEntitled(me, change.month, work.day)) {
    throw broken("The author may not open this month.", "month-not-entitled");
  }
  const wrapped = new ByteSet(change.wraps.map((entry) => entry.uid));
  const wanted = entitled(work, change.month, work.day);
  if (wrapped.size !== wanted.size || ![...wanted.keys()].every((uid) => wrapped.has(uid))) {
    throw broken("An epoch is not wrapped to exactly the members entitled to it.", "epoch-wraps");
  }
  work.takeWraps(change.wraps);
  const opened = {
    number: change.epoch,
    month: change.month,
    commitment: change.commitment,
    author: work.author,
    holders: new ByteMap([[work.author, work.keyId]]),
  };
  work.setEpoch(withWraps(opened, change.wraps));
}

function highest(epochs: Work["epochs"]): number {
  let found = 0;
  for (const number of epochs.keys()) found = Math.max(found, number);
  return found;
}
