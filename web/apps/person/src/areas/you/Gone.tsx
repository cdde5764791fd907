/** After everything was deleted: what stays where, until when, and the server's receipt to keep. */

import { signal } from "@preact/signals";

import type { ErasedShown } from "../../engine/shown.ts";
import { dayText } from "../../parts/dates.ts";
import { Page } from "../../parts/Page.tsx";
import { saveAs } from "../../parts/saving.ts";
import { fill, words } from "../../words.ts";
import { say } from "./words.ts";

/** What the server answered; null: there was no account, or its answer held no receipt. Gone with the page. */
export const erased = signal<ErasedShown | null>(null);
const FILE_NAME = "erasure-receipt.json";
const INDENT = 1;

/** Return the receipt as a file: what `mindhaven ledger receipt` asks for is in it. */
function receiptOf({ at, seq, commitment, position, backupsUntilDay, kept }: ErasedShown): string {
  const told = { what: "account", at, seq, commitment, position, backups_until_day: backupsUntilDay, kept };
  return `${JSON.stringify(told, null, INDENT)}\n`;
}

export function Gone() {
  const receipt = erased.value;
  return (
    <Page title={words.gone}>
      {receipt !== null && (
        <>
          <p>{fill(say.goneBackups, { date: dayText(receipt.backupsUntilDay) })}</p>
          <p>{say.goneStays}</p>
          <ul class="lines">
            {say.goneKept.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
          <p class="soft">{say.goneReceiptText}</p>
          <button
            type="button"
            class="button"
            onClick={() => {
              saveAs(new Blob([receiptOf(receipt)], { type: "application/json" }), FILE_NAME);
            }}
          >
            {say.goneReceipt}
          </button>
        </>
      )}
    </Page>
  );
}
