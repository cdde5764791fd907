/** What a check-up of one's privacy asks about: rules over plain data. Pure; no clock, no I/O. */

import { COPIES, ENDS_SOON_DAYS } from "../../shares.ts";
import type { Comforts } from "../../comforts.ts";
import type { ContactShown, DeviceShown, ShareShown, WaysShown } from "../../engine/shown.ts";

const DAY_MS = 86_400_000;
/** A device that was not there for two months may be lost, sold or forgotten. */
const UNSEEN_DAYS = 60;
/** A spare key that was tried half a year ago may lie elsewhere by now. */
const TRY_SPARE_DAYS = 180;
const NOWHERE = "about:blank";
/** What says most about somebody. */
const CLOSE: ReadonlySet<string> = new Set(["journal", "plan", "history"]);
/** Parts in which months tell nothing: what is shared of them is all of them. */
const WHOLE: ReadonlySet<string> = new Set(["plan", "history"]);

/** What is known when the check-up begins. `ways` and `devices` are null where the server could not be asked. */
export interface Facts {
  readonly now: number;
  readonly finished: boolean;
  readonly ways: WaysShown | null;
  readonly devices: readonly DeviceShown[] | null;
  readonly contacts: readonly ContactShown[];
  /** `exitTo` is where Exit leads, whoever named that page. */
  readonly comforts: Pick<Comforts, "exitTo" | "look">;
  /** Minutes after which this locks, 0: never. */
  readonly lockAfterMinutes: number;
  /** The day (yyyy-mm-dd) on which the spare key was tried last. */
  readonly spareTriedOn: string | undefined;
  readonly notNow: readonly string[];
}

/** Why a share is asked about. */
export type Reason = "ends" | "noEnd" | "beginning" | "close";

export type Finding =
  | { readonly what: "noAccount" | "noSpare" | "oneWay" | "change" | "trySpare" | "exit" | "look" | "lock" }
  | { readonly what: "device"; readonly device: DeviceShown }
  | { readonly what: "share"; readonly uid: string; readonly name: string; readonly share: ShareShown; readonly reasons: readonly Reason[] };

/** The look is left as it came: this answer is kept, since nobody can tell it from one that was never given. */
export const LOOK_STAYS = "review-look";

/** Return what is asked about, what matters most first. */
export function findings(facts: Facts): Finding[] {
  const { comforts, lockAfterMinutes, notNow } = facts;
  const found: Finding[] = [...entrances(facts), ...unseen(facts), ...shares(facts)];
  if (comforts.exitTo === NOWHERE) found.push({ what: "exit" });
  if (comforts.look === "notes" && !notNow.includes(LOOK_STAYS)) found.push({ what: "look" });
  if (lockAfterMinutes === 0) found.push({ what: "lock" });
  return found;
}

function entrances({ now, finished, ways, spareTriedOn }: Facts): Finding[] {
  if (!finished) return [{ what: "noAccount" }];
  const found: Finding[] = [];
  if (ways !== null && ways.waiting.length > 0) found.push({ what: "change" });
  if (ways?.kinds.length === 1) found.push({ what: "oneWay" });
  else if (ways !== null && !ways.kinds.includes("spare")) found.push({ what: "noSpare" });
  const hasSpare = ways === null || ways.kinds.includes("spare");
  const tried = spareTriedOn === undefined ? -Infinity : Date.parse(spareTriedOn);
  if (hasSpare && !(now - tried < TRY_SPARE_DAYS * DAY_MS)) found.push({ what: "trySpare" });
  return found;
}

function unseen({ now, devices }: Facts): Finding[] {
  const before = now / 1000 - UNSEEN_DAYS * (DAY_MS / 1000);
  const gone = (devices ?? []).filter((one) => !one.here && one.lastSeenAt < before);
  return gone.map((device) => ({ what: "device", device }));
}

function shares({ now, contacts }: Facts): Finding[] {
  const today = Math.floor(now / DAY_MS);
  return contacts.flatMap(({ uid, name, reads }) =>
    reads.flatMap((share): Finding[] => {
      if (share.until !== 0 && share.until < today) return [];
      const reasons = reasonsOf(share, today);
      return reasons.length === 0 ? [] : [{ what: "share", uid, name, share, reasons }];
    }),
  );
}

function reasonsOf({ part, since, until }: ShareShown, today: number): Reason[] {
  const reasons: Reason[] = [];
  if (until === 0) reasons.push("noEnd");
  else if (until - today <= ENDS_SOON_DAYS) reasons.push("ends");
  if (since === 0 && !WHOLE.has(part) && !part.startsWith(COPIES)) reasons.push("beginning");
  if (CLOSE.has(part)) reasons.push("close");
  return reasons;
}
