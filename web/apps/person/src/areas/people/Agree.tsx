/** The last page of sharing: what they may use it for, the words that are signed, and yes and no alike. */

import { useSignal } from "@preact/signals";

import type { Terms } from "../../engine/shown.ts";
import { Page } from "../../parts/Page.tsx";
import { fill, words } from "../../words.ts";
import { say as agreed } from "./agreed.ts";
import { say } from "./words.ts";

const PURPOSES: readonly Terms["purpose"][] = ["care", "proceedings"];

interface AgreeProps {
  readonly name: string;
  /** The part, in words. */
  readonly part: string;
  /** From when until when, in words. */
  readonly terms: string;
  readonly busy: boolean;
  readonly yes: (purpose: Terms["purpose"], text: string) => void;
  readonly no: () => void;
}

export function Agree({ name, part, terms, busy, yes, no }: AgreeProps) {
  const purpose = useSignal<Terms["purpose"]>("care");
  const text = fill(agreed[purpose.value], { part, terms });
  return (
    <Page title={fill(say.shareConfirm, { part, name })}>
      <label class="field">
        <span>{agreed.purpose}</span>
        <select
          value={purpose.value}
          onInput={(event) => {
            purpose.value = PURPOSES.find((one) => one === event.currentTarget.value) ?? "care";
          }}
        >
          {PURPOSES.map((one) => (
            <option key={one} value={one}>
              {agreed.purposes[one]}
            </option>
          ))}
        </select>
      </label>
      <p>{text}</p>
      <div class="pair">
        <button type="button" class="button" disabled={busy} onClick={() => { yes(purpose.value, text); }}>
          {busy ? words.working : say.shareYes}
        </button>
        <button type="button" class="button" disabled={busy} onClick={no}>
          {say.shareNo}
        </button>
      </div>
    </Page>
  );
}
