/** A result: the sentence first, then the number, the last times, and what it is not. */

import { score, type Answers, type Instrument } from "@mindhaven/kinds";

import { useSignal } from "@preact/signals";

import { entries } from "../../app.ts";
import { Page } from "../../parts/Page.tsx";
import { dateText } from "../../parts/dates.ts";
import { fill } from "../../words.ts";
import type { Ask } from "./notes.ts";
import { earlierOf, totalOf } from "./results.ts";
import { Send, Sending } from "./Send.tsx";
import { say } from "./words.ts";

/** More would be a chart, which Look back has. */
const TIMES_SHOWN = 6;

/** Return what published sources say of a total. */
function cutsOf(instrument: Instrument, total: number): string[] {
  const one = instrument.cutOffs.length === 1;
  return instrument.cutOffs
    .filter((cut) => total >= cut.at)
    .map((cut) => say.cut[one ? instrument.id : `${instrument.id}/${String(cut.at)}`] ?? cut.about);
}

interface ResultProps {
  readonly instrument: Instrument;
  /** Who asked for it, if somebody did. */
  readonly ask: Ask | null;
  /** The entry that was saved just now. */
  readonly item: string;
  readonly done: () => void;
}

export function Result({ instrument, ask, item, done }: ResultProps) {
  const waits = useSignal(ask);
  const sending = useSignal(false);
  const sent = useSignal(false);
  const times = earlierOf(entries.value, instrument.id);
  const entry = times.find((one) => one.item === item);
  const result = score(instrument, (entry?.body?.["answers"] ?? {}) as Answers);
  const { total, band } = result;
  const earlier = times.filter((one) => one.item !== item && totalOf(one) !== null);
  const last = earlier[0];
  if (sending.value && waits.value !== null) {
    const decided = (yes: boolean): void => {
      sent.value = yes;
      sending.value = false;
      if (yes) waits.value = null;
    };
    return <Sending ask={waits.value} item={item} decided={decided} />;
  }
  return (
    <Page title={say.result}>
      <p role="status">{sent.value && ask !== null && fill(say.sent, { name: ask.from.name })}</p>
      {total === null ? (
        <p>{say.noTotal}</p>
      ) : (
        <>
          {band !== null && <p class="lead">{fill(say.bands[band] ?? "", { about: say.signs[instrument.id] ?? "" })}</p>}
          <p>
            {fill(say.number, { title: instrument.title, total: String(total), high: String(instrument.total.high) })}.{" "}
            {instrument.id === "audit_c" ? say.higherAlcohol : say.higher}
          </p>
          {cutsOf(instrument, total).map((text) => (
            <p key={text}>{text}</p>
          ))}
          {last !== undefined && (
            <p>{fill(say.lastTime, { date: dateText(last.createdAt), total: String(totalOf(last)) })}</p>
          )}
        </>
      )}
      <p>{sent.value && ask !== null ? fill(say.signSent, { name: ask.from.name }) : say.sign}</p>
      {earlier.length > 0 && total !== null && (
        <>
          <h2>{say.trend}</h2>
          <table>
            <thead>
              <tr>
                <th scope="col">{say.when}</th>
                <th scope="col">{say.what}</th>
              </tr>
            </thead>
            <tbody>
              {times.slice(0, TIMES_SHOWN).map((one) => (
                <tr key={one.item}>
                  <td>{dateText(one.createdAt)}</td>
                  <td>{totalOf(one)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      {waits.value !== null && <Send ask={waits.value} send={() => (sending.value = true)} keep={() => (waits.value = null)} />}
      <div class="buttons">
        <button type="button" class="button main" onClick={done}>
          {say.close}
        </button>
      </div>
    </Page>
  );
}
