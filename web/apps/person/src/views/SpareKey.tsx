/** The spare key: why, its eight rows, and two of them given back. "Later" is real and costs what it says. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, attempt } from "../app.ts";
import { Field } from "../parts/Field.tsx";
import { Page } from "../parts/Page.tsx";
import { fill, words } from "../words.ts";

const ROWS = 8;

/** Return two different rows, drawn on this device. */
function twoRows(): [number, number] {
  const drawn = crypto.getRandomValues(new Uint8Array(2));
  const one = (drawn[0] ?? 0) % ROWS;
  const other = (one + 1 + ((drawn[1] ?? 0) % (ROWS - 1))) % ROWS;
  return one < other ? [one, other] : [other, one];
}

function saveFile(rows: readonly string[]): void {
  const text = `${fill(words.spareFile, { host: location.host })}\n\n${rows.join("\n")}\n`;
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = "spare-key.txt";
  link.click();
  URL.revokeObjectURL(address);
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

export function SpareKey({ kept, later }: { kept: () => void; later: () => void }) {
  const rows = useSignal<readonly string[]>([]);
  const asked = useSignal<[number, number] | null>(null);
  const typed = useSignal<Record<number, string>>({});
  const busy = useSignal(false);
  useEffect(() => {
    void attempt(async () => {
      rows.value = await api().spareKey();
    });
  }, []);

  const check = async (event: Event): Promise<void> => {
    event.preventDefault();
    busy.value = true;
    const good = await attempt(() => api().confirmSpareKey(typed.value));
    busy.value = false;
    if (good) kept();
  };

  if (asked.value !== null) {
    const [one, other] = asked.value;
    const named = { one: String(one + 1), two: String(other + 1) };
    return (
      <Page title={words.spareCheckTitle}>
        <p>{fill(words.spareCheck, named)}</p>
        <form onSubmit={(event) => void check(event)}>
          {[one, other].map((row) => (
            <Field
              key={row}
              label={fill(words.row, { row: String(row + 1) })}
              mono
              autocapitalize="characters"
              value={typed.value[row] ?? ""}
              change={(text) => (typed.value = { ...typed.value, [row]: text })}
            />
          ))}
          <div class="buttons">
            <button type="submit" class="button main" disabled={busy.value}>
              {words.check}
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
    <Page title={words.spareTitle}>
      <p>{words.spare}</p>
      <Rows rows={rows.value} />
      <div class="buttons no-print">
        <button type="button" class="button" onClick={() => { print(); }}>
          {words.sparePrint}
        </button>
        <button type="button" class="button" onClick={() => { saveFile(rows.value); }}>
          {words.spareSave}
        </button>
      </div>
      <div class="pair no-print">
        <button
          type="button"
          class="button main"
          disabled={rows.value.length === 0}
          onClick={() => (asked.value = twoRows())}
        >
          {words.spareHave}
        </button>
        <button type="button" class="button" onClick={later}>
          {words.spareLater}
        </button>
      </div>
      <p class="soft small no-print">{words.laterText}</p>
    </Page>
  );
}
