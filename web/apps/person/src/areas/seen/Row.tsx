/** One thing that the server has: its value, why, until when, where to change it, and the finer values behind a button. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { fill } from "../../words.ts";
import { say } from "./words.ts";

interface RowShown {
  readonly name: string;
  readonly why?: string;
  readonly kept?: string;
  readonly change?: () => void;
  readonly children: ComponentChildren;
}

export function Row({ name, why, kept, change, children }: RowShown) {
  const about = [
    ...(why === undefined ? [] : [`${fill(say.why, { why })}.`]),
    ...(kept === undefined ? [] : [`${fill(say.kept, { until: kept })}.`]),
  ];
  return (
    <section class="stacked">
      <h3>{name}</h3>
      {children}
      {about.length > 0 && <p class="soft small">{about.join(" ")}</p>}
      {change !== undefined && (
        <button type="button" class="link" onClick={change} aria-label={`${say.change}: ${name}`}>
          {say.change}
        </button>
      )}
    </section>
  );
}

interface FinerShown {
  /** What the button says, and what the values are about. */
  readonly open: string;
  readonly about: string;
  readonly children: ComponentChildren;
}

/** Finer values, once they are asked for. */
export function Finer({ open, about, children }: FinerShown) {
  const shown = useSignal(false);
  const text = shown.value ? say.less : open;
  return (
    <>
      <button
        type="button"
        class="link block"
        aria-expanded={shown.value}
        aria-label={`${text}: ${about}`}
        onClick={() => (shown.value = !shown.value)}
      >
        {text}
      </button>
      {shown.value && children}
    </>
  );
}

interface TableShown {
  readonly about: string;
  readonly heads: readonly [string, string];
  readonly rows: readonly (readonly [string, string])[];
}

/** Names and numbers. */
export function Table({ about, heads, rows }: TableShown) {
  return (
    <table class="small">
      <caption class="hidden">{about}</caption>
      <thead>
        <tr>
          {heads.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name}>
            <td>{name}</td>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
