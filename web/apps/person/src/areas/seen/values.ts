/** The values of a person in the words and numbers of the language on screen. No I/O. */

import type { MemberShown, MonthShown, SeenPartShown, SeenShown, WhoShown } from "../../engine/logged.ts";
import { dateText, dayText, monthText } from "../../parts/dates.ts";
import { fill } from "../../words.ts";
import { locale } from "../../words/language.ts";
import { label } from "../access/labels.ts";
import { partText } from "../access/parts.ts";
import { say as accessSay } from "../access/words.ts";
import { say } from "./words.ts";

/** Digits of an account number that are shown: enough to tell two apart by eye; the file has all. */
const SHOWN_DIGITS = 16;
const KIB = 1024;
const HOUR_MINUTES = 60;
const DAY_MINUTES = 1440;

function number(value: number): string {
  return value.toLocaleString(locale());
}

/** Return an account's number as far as eyes compare it. */
export function uidText(uid: string): string {
  return `${uid.slice(0, SHOWN_DIGITS).match(/.{1,4}/g)?.join(" ") ?? ""} …`;
}

function whoText({ name, id }: WhoShown): string {
  return name ?? (id === "" ? accessSay.stranger : uidText(id));
}

/** Return the ways in, in one line. */
export function waysText({ ways, code, passkeys }: SeenShown): string[] {
  const kinds = ways.map((kind) => say.kinds[kind]).join(", ");
  const used = Math.max(0, ...passkeys.map(({ usedAt }) => usedAt ?? 0));
  const values = { count: number(passkeys.length), date: dateText(used * 1000) };
  const known = fill(used > 0 ? say.rows.passkeys : say.rows.passkeysUnused, values);
  return [code ? `${kinds}, ${say.rows.code}` : kinds, ...(passkeys.length > 0 ? [known] : [])];
}

/** Return each device in a line. */
export function devicesText({ devices }: SeenShown): string[] {
  return devices.map(({ name, firstSeenAt, lastSeenAt }) =>
    fill(say.rows.device, {
      name: name === "" ? say.rows.noName : name,
      first: dateText(firstSeenAt * 1000),
      last: dateText(lastSeenAt * 1000),
    }),
  );
}

/** Return a minute of the day in UTC as a time here; `offset`: how far UTC is ahead, in minutes. */
export function timeHere(minute: number, offset: number): string {
  const here = (((minute - offset) % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
  return [Math.floor(here / HOUR_MINUTES), here % HOUR_MINUTES].map((one) => String(one).padStart(2, "0")).join(":");
}

/** Return each device's reminders in a line: by which push service, at which times here, since when, how many more. */
export function remindersText({ reminders }: SeenShown, offset: number): string[] {
  return reminders.map(({ service, minutes, since, left }) =>
    fill(say.rows.reminder, {
      service,
      times: minutes.map((minute) => timeHere(minute, offset)).sort().join(", "),
      since: dateText(since * 1000),
      left: number(left),
    }),
  );
}

/** Return what a part is called: by this person, or by whose it is. */
export function partTitle(part: SeenPartShown): string {
  return partText(part);
}

function readerText({ who, since, until }: MemberShown): string {
  const end = until === 0 ? say.rows.open : fill(say.rows.untilDay, { day: dayText(until) });
  const values = { name: whoText(who), until: end, since: since === 0 ? "" : monthText(since) };
  return fill(since === 0 ? say.rows.readerAll : say.rows.reader, values);
}

/** Return what the server has of a part, line by line. */
export function partLines({ owner, members, months, commits, behind, filePieces }: SeenPartShown): string[] {
  const sum = (of: (one: MonthShown) => number): string => number(months.reduce((all, one) => all + of(one), 0));
  const own = owner.kind === "self";
  return [
    ...(own ? [] : [fill(say.rows.ownerIs, { name: whoText(owner) })]),
    fill(say.rows.part, {
      entries: sum((one) => one.entries),
      changes: sum((one) => one.changes),
      erased: sum((one) => one.erased),
      commits: number(commits),
    }),
    ...(filePieces > 0 ? [fill(say.rows.files, { count: number(filePieces) })] : []),
    ...(behind > 0 ? [fill(say.rows.behind, { count: number(behind) })] : []),
    ...(own ? members.map(readerText) : []),
  ];
}

/** Return what the server has of each of a part's months, a line each. */
export function monthLines({ months }: SeenPartShown): string[] {
  return months.map(({ month, entries, changes, erased, sizes }) =>
    fill(say.table.month, {
      month: month === 0 ? say.table.noMonth : monthText(month),
      entries: number(entries),
      changes: number(changes),
      erased: number(erased),
      sizes: sizes.map(([bytes, count]) => `${number(count)} × ${number(Math.round((bytes / KIB) * 10) / 10)} KiB`).join(", "),
    }),
  );
}

/** Return in which hours of the day something arrived here, as rows of a table: from the first hour of the day on. */
export function hourRows(arrivals: readonly number[], hourOf: (seconds: number) => number): [string, string][] {
  const hours = new Map<number, number>();
  for (const at of arrivals) hours.set(hourOf(at), (hours.get(hourOf(at)) ?? 0) + 1);
  return [...hours]
    .sort(([one], [other]) => one - other)
    .map(([hour, count]) => [`${String(hour)}:00–${String((hour + 1) % 24)}:00`, number(count)]);
}

/** Return the kinds of events as rows of a table, the most frequent first. */
export function eventRows({ events }: SeenShown): [string, string][] {
  return [...events].sort((one, other) => other.count - one.count).map(({ name, count }) => [label[name] ?? name, number(count)]);
}

/** Return what there is to save as a file: what the server has, without the names that are this person's own. */
export function asJson(seen: SeenShown, at: number): string {
  const who = ({ kind, id }: WhoShown): string => (kind === "self" ? "self" : id);
  const value = {
    read_at: new Date(at).toISOString(),
    account_number: seen.uid,
    sign_in_name: seen.handle,
    key_statements: seen.statements,
    code_beside_words: seen.code,
    ways_in: seen.ways,
    passkeys: seen.passkeys.map(({ createdAt, usedAt }) => ({ created_at: createdAt, used_at: usedAt })),
    devices: seen.devices.map(({ firstSeenAt, lastSeenAt }) => ({ first_seen_at: firstSeenAt, last_seen_at: lastSeenAt })),
    parts: seen.parts.map(({ id, owner, commits, members, months, filePieces }) => ({
      number: id,
      owner: who(owner),
      steps: commits,
      file_pieces: filePieces,
      members: members.map((one) => ({ account: who(one.who), since_month: one.since, until_day: one.until })),
      months: months.map(({ sizes, ...rest }) => ({ ...rest, sizes: Object.fromEntries(sizes) })),
    })),
    consents: seen.consents.map((one) => ({ from: who(one.from), to: who(one.to), given_at: one.givenAt, ended_at: one.endedAt })),
    open_invitations: seen.invitations,
    reminders: seen.reminders.map(({ service, minutes, left, since }) => ({ service, minutes_utc: minutes, left, since })),
    arrivals: seen.arrivals,
    events: seen.events.map(({ name, count, firstAt, lastAt }) => ({ name, count, first_at: firstAt, last_at: lastAt })),
  };
  return `${JSON.stringify(value, null, 1)}\n`;
}
