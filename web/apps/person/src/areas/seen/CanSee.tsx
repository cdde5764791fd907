/** The first block: what the server can see, each thing with this person's own values, why, until when, and how to change it. */

import { closePage, openPage, show } from "../../app.ts";
import type { SeenPartShown, SeenShown } from "../../engine/logged.ts";
import { momentText } from "../../parts/dates.ts";
import { fill } from "../../words.ts";
import { locale } from "../../words/language.ts";
import type { HourOf } from "./guesses.ts";
import { Finer, Row, Table } from "./Row.tsx";
import { devicesText, eventRows, hourRows, monthLines, partLines, partTitle, remindersText, uidText, waysText } from "./values.ts";
import { say } from "./words.ts";

function count(value: number): string {
  return value.toLocaleString(locale());
}

function Part({ part }: { part: SeenPartShown }) {
  const title = partTitle(part);
  return (
    <div>
      <p>
        <strong>{title}</strong>
      </p>
      <ul class="lines">
        {partLines(part).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      {part.months.length > 0 && (
        <Finer open={say.months} about={title}>
          <ul class="lines small">
            {monthLines(part).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </Finer>
      )}
    </div>
  );
}

function Arrivals({ seen, hourOf }: { seen: SeenShown; hourOf: HourOf }) {
  const { arrivals } = seen;
  const last = arrivals.at(-1);
  const { table, rows } = say;
  if (last === undefined) return <p>{rows.hoursNone}</p>;
  return (
    <>
      <p>{fill(rows.hoursText, { count: count(arrivals.length), date: momentText(last * 1000) })}</p>
      <Finer open={say.hours} about={rows.hours}>
        <Table about={rows.hours} heads={[table.hour, table.times]} rows={hourRows(arrivals, hourOf)} />
      </Finer>
    </>
  );
}

/** How far UTC is ahead of the clock here, in minutes. */
function offset(): number {
  return new Date().getTimezoneOffset();
}

export function CanSee({ seen, hourOf }: { seen: SeenShown; hourOf: HourOf }) {
  const { rows, table } = say;
  const events = seen.events.reduce((all, one) => all + one.count, 0);
  const given = seen.consents.filter(({ from }) => from.kind === "self");
  const ended = given.filter(({ endedAt }) => endedAt !== null).length;
  const waysIn = (): void => {
    openPage("waysIn");
  };
  return (
    <>
      <Row name={rows.number} why={rows.numberWhy} kept={rows.numberKept}>
        <p class="mono">{uidText(seen.uid)}</p>
      </Row>
      <Row name={rows.handle} why={rows.handleWhy} kept={say.untilDelete}>
        <p>{seen.handle === "" ? rows.handleNone : seen.handle}</p>
      </Row>
      <Row name={rows.ways} why={rows.waysWhy} kept={say.untilDelete} change={waysIn}>
        {waysText(seen).map((line) => (
          <p key={line}>{line}</p>
        ))}
      </Row>
      <Row name={rows.devices} why={rows.devicesWhy} kept={say.untilOut} change={closePage}>
        <ul class="lines">
          {devicesText(seen).map((line, at) => (
            <li key={at}>{line}</li>
          ))}
        </ul>
      </Row>
      <Row name={rows.parts} why={rows.partsWhy} kept={say.untilErased} change={() => { show("people"); }}>
        {seen.parts.map((part) => (
          <Part key={part.id} part={part} />
        ))}
      </Row>
      <Row name={rows.hours} why={rows.hoursWhy} kept={say.untilDelete}>
        <Arrivals seen={seen} hourOf={hourOf} />
      </Row>
      <Row name={rows.events} why={rows.eventsWhy} kept={say.untilDelete}>
        <p>{fill(rows.eventsText, { count: count(events), kinds: count(seen.events.length) })}</p>
        <Finer open={say.events} about={rows.events}>
          <Table about={rows.events} heads={[table.kind, table.count]} rows={eventRows(seen)} />
        </Finer>
      </Row>
      <Row name={rows.consents} kept={say.untilConsent}>
        <p>{fill(rows.consentsText, { count: count(given.length), ended: count(ended) })}</p>
        {seen.invitations > 0 && <p>{fill(rows.invitations, { count: count(seen.invitations) })}</p>}
      </Row>
      {seen.reminders.length > 0 && (
        <Row name={rows.reminders} why={rows.remindersWhy} kept={rows.remindersKept} change={() => { openPage("reminders"); }}>
          <ul class="lines">
            {remindersText(seen, offset()).map((line, at) => (
              <li key={at}>{line}</li>
            ))}
          </ul>
        </Row>
      )}
      <Row name={rows.contact}>
        <p>{rows.contactText}</p>
      </Row>
      <Row name={rows.net}>
        <p>{rows.netText}</p>
      </Row>
    </>
  );
}
