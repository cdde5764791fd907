/** The rules for members, ownership and a restored history: spec/chain.md steps 11-13 and 15. No I/O. */

import { ByteMap } from "../../bytemap.ts";
import { equal } from "../../bytes.ts";
import type { Change, Members, Owner, Rejoin } from "../change.ts";
import { withWraps } from "../epoch.ts";
import {
  DROP,
  gains,
  isActive,
  isEntitled,
  KEEP,
  type Member,
  OWNER,
  ownerOf,
  sameMember,
  type Settings,
  WRITER,
} from "../member.ts";
import { broken, type Work } from "./work.ts";

/** Step 11: the new list, its settings, and past epochs for those who gain them. */
export function members(work: Work, change: Members): void {
  work.needOwner();
  const wanted = new ByteMap(change.members.map((member) => [member.uid, member] as const));
  if (wanted.size !== change.members.length) throw broken("A member is listed twice.", "members-double");
  const [owner, ...others] = change.members.filter((member) => member.role === OWNER);
  if (owner === undefined || others.length > 0 || !sameMember(owner, ownerOf(work.author))) {
    throw broken("A collection has exactly one owner, who stays.", "members-owner");
  }
  const gaining = [...wanted.values()].filter((member) => gains(work.members.get(member.uid), member));
  if (gaining.length > 0 && change.consent === null && change.settings.processingEntry === null) {
    throw broken("Nobody gains access without a consent.", "consent-missing");
  }
  if (change.consent !== null && gaining.length > 1) {
    throw broken("A consent is for one person; each further one needs their own.", "consent-shared");
  }
  checkSettings(work, change.settings);
  work.settings = change.settings;
  work.setMembers(wanted);
  takePastWraps(work, change);
  for (const member of gaining) needComplete(work, member);
}

function checkSettings(work: Work, settings: Settings): void {
  const before = work.settings;
  if (settings.holdUntil < before.holdUntil) throw broken("A hold can't be shortened.", "hold-shortened");
  if (before.history === KEEP && settings.history === DROP && work.day < before.holdUntil) {
    throw broken("History is kept while a hold runs.", "history-on-hold");
  }
}

function takePastWraps(work: Work, change: Members): void {
  for (const { epoch: number, wraps } of change.wraps) {
    const epoch = work.epochs.get(number);
    if (epoch === undefined) throw broken("An epoch that was never opened is handed out.", "epoch-unknown");
    for (const { uid } of wraps) {
      const recipient = work.members.get(uid);
      if (recipient === undefined || !isEntitled(recipient, epoch.month, work.day)) {
        throw broken("A key is handed to one who is not entitled to it.", "wrap-not-entitled");
      }
    }
    work.takeWraps(wraps);
    work.setEpoch(withWraps(epoch, wraps));
  }
}

/** Who gains holds every epoch with live items that they are entitled to. */
function needComplete(work: Work, member: Member): void {
  const newest = work.knownKeys.get(member.uid);
  for (const number of work.facts.liveEpochs()) {
    const epoch = work.epochs.get(number);
    if (epoch === undefined) throw broken("A record is sealed in an epoch that was never opened.", "epoch-unknown");
    if (!isEntitled(member, epoch.month, work.day)) continue;
    const held = epoch.holders.get(member.uid);
    if (held === undefined || held !== newest) {
      throw broken("A grant leaves out records that it covers.", "grant-incomplete");
    }
  }
}

/** Step 12. */
export function leave(work: Work): void {
  if (work.me().role === OWNER) {
    throw broken("An owner can't leave; hand the collection over first.", "owner-leaves");
  }
  const left = new ByteMap(work.members);
  left.delete(work.author);
  work.setMembers(left);
}

/** Step 13: to another member whose time runs and who holds every epoch. */
export function handOver(work: Work, change: Owner): void {
  work.needOwner();
  const target = work.members.get(change.uid);
  if (target === undefined || equal(change.uid, work.author) || !isActive(target, work.day)) {
    throw broken("A collection passes only to another member.", "owner-target");
  }
  const newest = work.knownKeys.get(change.uid);
  for (const epoch of work.epochs.values()) {
    const held = epoch.holders.get(change.uid);
    if (held === undefined || held !== newest) {
      throw broken("A collection passes only to one who holds every key of it.", "owner-holds-all");
    }
  }
  const passed = new ByteMap(work.members);
  passed.set(work.author, { uid: work.author, role: WRITER, since: 0, until: 0 });
  passed.set(change.uid, ownerOf(change.uid));
  work.setMembers(passed);
}

/** Step 15: after a restore, the last common commit, and then the full list by which nobody gains. */
export function rejoin(work: Work, change: Rejoin, next: Change | undefined): void {
  work.needOwner();
  const there = work.facts.commitHash(change.seq);
  if (there === undefined || !equal(there, change.hash)) {
    throw broken("A rejoin names a commit that is not in this history.", "rejoin-place");
  }
  if (next?.kind !== "members" || next.consent !== null) {
    throw broken("A rejoin comes with the full list of members.", "rejoin-members");
  }
  if (next.members.some((member) => gains(work.members.get(member.uid), member))) {
    throw broken("Nobody gains access by a rejoin.", "rejoin-members");
  }
}
