/** The spare key: why, its eight rows, and two of them given back. "Later" is real and costs what it says. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, attempt } from "../../app.ts";
import { Field } from "../../parts/Field.tsx";
import { Page } from "../../parts/Page.tsx";
import { saveAs } from "../../parts/saving.ts";
import { fill, words } from "../../words.ts";
import { say } from "./words.ts";

const ROWS = 8;

/** Return two different rows, drawn on this device. */
function twoRows(): [number, number] {
  const drawn = crypto.getRandomValues(new Uint8Array(2));
  const one = (drawn[0] ?? 0) % ROWS;
  const other = (one + 1 + ((drawn[1] ?? 0) % (ROWS - 1))) % ROWS;
  return one < other ? [one, other] : [other, one];
}

function saveFile(rows: readonly string[]): void {
  const text = `${fill(say.spareFile, { host: location.host })}\n\n${rows.join("\n")}\n`;
  saveAs(new Blob([text], { type: "text/plain" }), "spare-key.txt");
}

function Rows({ rows }: { rows: readonly string[] }) {
  return (
    <ol class="key-rows">
      {rows.map((row, number) => (
        <li key={row}>
          <span class="number">{number + 1}</span>
          <span>{`${row.slice(0, 4)} ${row.slice(4)}`}</span>
        </li>
      ))}
    </ol>
  );
}

interface Props {
  /** Where the rows come from and who checks two of them; absent: the key of the first run. */
  readonly source?: {
    readonly rows: () => Promise<readonly string[]>;
    readonly check: (given: Record<number, string>) => Promise<void>;
  };
  /** What it is, where it is not the first one. */
  readonly text?: string;
  readonly kept: () => void;
  readonly later: () => void;
  readonly laterLabel?: string;
}

const FIRST = { rows: () => api().spareKey(), check: (given: Record<number, string>) => api().confirmSpareKey(given) };

export function SpareKey({ source = FIRST, text, kept, later, laterLabel }: Props) {
  const rows = useSignal<readonly string[]>([]);
  const asked = useSignal<[number, number] | null>(null);
  const typed = useSignal<Record<number, string>>({});
  const busy = useSignal(false);
  useEffect(() => {
    void attempt(async () => {
      rows.value = await source.rows();
    });
  }, []);

  const check = async (event: Event): Promise<void> => {
    event.preventDefault();
    busy.value = true;
    const good = await attempt(() => source.check(typed.value));
    busy.value = false;
    if (good) kept();
  };

  if (asked.value !== null) {
    const [one, other] = asked.value;
    const named = { one: String(one + 1), two: String(other + 1) };
    return (
      <Page title={say.spareCheckTitle}>
        <p>{fill(say.spareCheck, named)}</p>
        <form onSubmit={(event) => void check(event)}>
          {[one, other].map((row) => (
            <Field
              key={row}
              label={fill(say.row, { row: String(row + 1) })}
              mono
              autocapitalize="characters"
              value={typed.value[row] ?? ""}
              change={(text) => (typed.value = { ...typed.value, [row]: text })}
            />
          ))}
          <div class="buttons">
            <button type="submit" class="button main" disabled={busy.value}>
              {say.check}
            </button>
            <button type="button" class="button" onClick={() => (asked.value = null)}>
              {words.back}
            </button>
          </div>
        </form>
      </Page>
    );
  }
  return (
    <Page title={say.spareTitle}>
      <p>{text ?? say.spare}</p>
      <Rows rows={rows.value} />
      <div class="buttons no-print">
        <button type="button" class="button" onClick={() => { print(); }}>
          {say.sparePrint}
        </button>
        <button type="button" class="button" onClick={() => { saveFile(rows.value); }}>
          {say.spareSave}
        </button>
      </div>
      <div class="pair no-print">
        <button
          type="button"
          class="button main"
          disabled={rows.value.length === 0}
          onClick={() => (asked.value = twoRows())}
        >
          {say.spareHave}
        </button>
        <button type="button" class="button" onClick={later}>
          {laterLabel ?? say.spareLater}
        </button>
      </div>
      {laterLabel === undefined && <p class="soft small no-print">{say.laterText}</p>}
    </Page>
  );
}
