/**
 * One readable page of all records, for a person: opens offline in any browser, prints well. Twin of
 * `mindhaven.sdk.exports.html`.
 *
 * Guarantees: no script, no link to anywhere, no image; a Content-Security-Policy that allows only the page's own style by
 * its hash; everything that a person wrote is escaped; kinds that nobody knows are listed too; the plan for hard times
 * comes first. Does not: judge (no red scores, no streaks) or use the clock. No I/O.
 */

import { base64, sha256, utf8 } from "@mindhaven/crypto";
import { kindNamed } from "@mindhaven/kinds/fields";
import { counted } from "@mindhaven/kinds/numerals";

import { entryHtml, planHtml } from "./articles.ts";
import { moodChart } from "./marks.ts";
import { inOrder, kindOf, type Exported } from "./model.ts";
import { dayText, localTime, utcText } from "./moments.ts";
import tables from "./tables.json" with { type: "json" };
import { escaped } from "./texts.ts";

/** Neutral, because tabs and file lists show it. */
export const TITLE = "My records";

const PLAN = "mindhaven/plan";
const OWN = "mindhaven/";
const ORDER: readonly string[] = tables.order;
const MONTHS = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
]; // prettier-ignore

/** Return the page of `items`, in UTF-8; `madeAt`: unix milliseconds, told in the footer. */
export function writeHtml(items: Iterable<Exported>, madeAt: number, title: string = TITLE): Uint8Array {
  const groups = new Map<string, Exported[]>();
  for (const item of inOrder(items)) {
    const held = groups.get(item.record.kind);
    if (held === undefined) groups.set(item.record.kind, [item]);
    else held.push(item);
  }
  const sorted = [...groups].sort(([one], [other]) => placeOf(one) - placeOf(other) || (one < other ? -1 : 1));
  // Half a character has no UTF-8; Python writes a question mark for it.
  return utf8(page(sorted, madeAt, title).join("").replace(/\p{Surrogate}/gu, "?"));
}

function placeOf(kind: string): number {
  const place = kind.startsWith(OWN) ? ORDER.indexOf(kind.slice(OWN.length)) : -1;
  return place >= 0 ? place : ORDER.length + (kindNamed(kind) === null ? 1 : 0);
}

type Group = readonly [name: string, items: readonly Exported[]];

function page(groups: readonly Group[], madeAt: number, title: string): string[] {
  const { style } = tables;
  const policy = `default-src 'none'; style-src 'sha256-${base64(sha256(utf8(style)))}'; base-uri 'none'; form-action 'none'`;
  const total = groups.reduce((sum, [, items]) => sum + items.length, 0);
  const made = utcText(madeAt);
  return [
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">\n`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
    '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n',
    `<title>${escaped(title)}</title>\n<style>${style}</style>\n</head>\n<body>\n`,
    '<a class="skip" href="#records">Skip to the records</a>\n<div class="page">\n',
    `<header>\n<h1>${escaped(title)}</h1>\n`,
    `<p class="lead">${counted(total)} record${total === 1 ? "" : "s"}${range(groups)}. Everything is in this one file: `,
    "it needs no connection, runs nothing and tells nobody that you opened it.</p>\n",
    '<p class="caution">Whoever has this file can read all of it. Keep it where you would keep a diary.</p>\n',
    '<nav aria-label="Kinds of records"><ul>\n',
    ...groups.map(([name, items]) => {
      const told = `${escaped(titleOf(name))} <span class="count">${items.length}</span>`;
      return `<li><a href="#${anchorOf(name)}">${told}</a></li>\n`;
    }),
    '</ul></nav>\n</header>\n<main id="records">\n',
    ...groups.flatMap(section),
    groups.length === 0 ? "<p>There are no records in this file.</p>\n" : "",
    `</main>\n<footer><p>Made by Mindhaven on <time datetime="${made}">${made.slice(0, 10)}</time>. Times are those of `,
    "the writer's clock when each record was made.</p></footer>\n</div>\n</body>\n</html>\n",
  ];
}

function section([name, items]: Group): string[] {
  const anchor = anchorOf(name);
  const made = [
    `<section id="${anchor}" aria-labelledby="${anchor}-h"${name === PLAN ? ' class="plan"' : ""}>\n`,
    `<h2 id="${anchor}-h">${escaped(titleOf(name))}</h2>\n`,
  ];
  if (kindNamed(name) === null) {
    made.push(`<p class="lead">Kept by another app as <code>${escaped(name)}</code>; shown as it is stored.</p>\n`);
  }
  if (name === "mindhaven/mood") {
    made.push(moodChart(items.filter((item) => item.authorName === "" && kindOf(item.record) !== null)));
  }
  const newestFirst = items.toReversed();
  if (name === PLAN) made.push(...newestFirst.map((item) => (kindOf(item.record) === null ? entryHtml : planHtml)(item)));
  else made.push(...byMonth(newestFirst));
  return [...made, "</section>\n"];
}

function byMonth(items: readonly Exported[]): string[] {
  const made: string[] = [];
  let above = "";
  for (const item of items) {
    const [year = "", month = ""] = dayText(localTime(item.record).wall).split("-");
    const heading = `${MONTHS[Number(month) - 1] ?? ""} ${year}`;
    if (heading !== above) made.push(`<h3 class="month">${heading}</h3>\n`);
    above = heading;
    made.push(entryHtml(item));
  }
  return made;
}

function titleOf(name: string): string {
  return kindNamed(name)?.title ?? name;
}

function anchorOf(name: string): string {
  return `k-${name.toLowerCase().replace(/[^a-z0-9]+/gu, "-").replace(/^-+|-+$/gu, "")}`;
}

function range(groups: readonly Group[]): string {
  const days = groups.flatMap(([name, items]) => {
    if (kindNamed(name)?.timeless === true) return [];
    return [items.at(0), items.at(-1)].flatMap((item) => (item ? [dayText(localTime(item.record).wall)] : []));
  });
  const [first, last] = [days.toSorted().at(0), days.toSorted().at(-1)];
  if (first === undefined || last === undefined) return "";
  return first === last ? ` of ${first}` : ` from ${first} to ${last}`;
}
