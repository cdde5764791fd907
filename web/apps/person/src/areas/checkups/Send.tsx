/** After a check-up that somebody asked for: it goes to them only if the person says so, and only this once. */

import { useSignal } from "@preact/signals";

import { attempt } from "../../app.ts";
import { fill } from "../../words.ts";
import { Share } from "../people/Share.tsx";
import { settleAsk } from "./asks.ts";
import type { Ask } from "./notes.ts";
import { say } from "./words.ts";

interface SendProps {
  readonly ask: Ask;
  /** The entry that was saved just now. */
  readonly item: string;
  /** Back from it, sent or not. */
  readonly decided: (sent: boolean) => void;
}

/** The page on which it is sent: a copy of this one entry. */
export function Sending({ ask, item, decided }: SendProps) {
  const sent = async (said: string): Promise<void> => {
    if (said !== "") await attempt(() => settleAsk(ask));
    decided(said !== "");
  };
  return <Share person={ask.from} items={[item]} done={(said) => void sent(said)} />;
}

/** The question, in two equal answers. */
export function Send({ ask, send, keep }: { ask: Ask; send: () => void; keep: () => void }) {
  const busy = useSignal(false);
  const kept = async (): Promise<void> => {
    busy.value = true;
    if (await attempt(() => settleAsk(ask))) keep();
    busy.value = false;
  };
  return (
    <section aria-label={fill(say.sendTitle, { name: ask.from.name })}>
      <h2>{fill(say.sendTitle, { name: ask.from.name })}</h2>
      <p>{fill(say.sendText, { name: ask.from.name })}</p>
      <div class="pair">
        <button type="button" class="button" disabled={busy.value} onClick={send}>
          {say.sendYes}
        </button>
        <button type="button" class="button" disabled={busy.value} onClick={() => void kept()}>
          {say.sendNo}
        </button>
      </div>
    </section>
  );
}
