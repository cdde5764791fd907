/** A new device that waits to be let in: first how it opens here, then the square, then everything. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { api, attempt, refresh, stage } from "../app.ts";
import { deviceName } from "../device.ts";
import { Page } from "../parts/Page.tsx";
import { Qr } from "../parts/Qr.tsx";
import { words } from "../words.ts";
import { WayIn } from "./WayIn.tsx";

const ASK_EVERY_MS = 2000;

function Square() {
  const link = useSignal("");
  const ask = async (): Promise<void> => {
    const found = { there: false };
    const good = await attempt(async () => {
      found.there = await api().paired(deviceName());
      if (found.there) await refresh();
    });
    if (found.there) stage.value = "open";
    else if (good) later();
  };
  // The timer ends with this page; asking once more after it is gone would do no harm.
  const timer = useRef(0);
  const later = (): void => {
    timer.current = window.setTimeout(() => void ask(), ASK_EVERY_MS);
  };
  useEffect(() => {
    void attempt(async () => {
      link.value = await api().beginPairing();
      later();
    });
    return () => {
      window.clearTimeout(timer.current);
    };
  }, []);
  return (
    <Page title={words.pairTitle}>
      <p>{words.pairText}</p>
      {link.value !== "" && (
        <>
          <Qr text={link.value} />
          <input class="link-text" readOnly value={link.value} aria-label={words.copyLink} />
          <p role="status">{words.pairWait}</p>
        </>
      )}
    </Page>
  );
}

export function Pair() {
  const locked = useSignal(false);
  return locked.value ? <Square /> : <WayIn done={() => (locked.value = true)} />;
}
