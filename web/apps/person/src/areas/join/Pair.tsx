/** A new device that waits to be let in: first how it opens here, then the square, then everything. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { EngineError } from "@mindhaven/sdk/browser";

import { api, attempt, fault, faultOf, offline, refresh, stage, sync } from "../../app.ts";
import { deviceName } from "../../device.ts";
import { Page } from "../../parts/Page.tsx";
import { Qr } from "../../parts/Qr.tsx";
import { words } from "../../words.ts";
import { say } from "./words.ts";
import { WayIn } from "../first/WayIn.tsx";

const ASK_EVERY_MS = 2000;

/** `back`: the person chose another way; what was begun for this one holds nothing. */
function Square({ back }: { back: () => void }) {
  const link = useSignal("");
  const timer = useRef(0);
  const begin = (): Promise<boolean> =>
    attempt(async () => {
      link.value = await api().beginPairing();
      later();
    });
  const ask = async (): Promise<void> => {
    try {
      const there = await api().paired(deviceName());
      offline.value = false;
      if (!there) {
        later();
        return;
      }
    } catch (error) {
      offline.value = error instanceof EngineError && error.reason === "offline";
      if (offline.value) later();
      else {
        link.value = "";
        fault.value = faultOf(error);
      }
      return;
    }
    await attempt(refresh);
    await sync();
    stage.value = "open";
  };
  // The timer ends with this page; asking once more after it is gone would do no harm.
  const later = (): void => {
    timer.current = window.setTimeout(() => void ask(), ASK_EVERY_MS);
  };
  useEffect(() => {
    void begin();
    return () => {
      window.clearTimeout(timer.current);
    };
  }, []);
  return (
    <Page title={say.pairTitle}>
      <p>{say.pairText}</p>
      {link.value === "" ? (
        <button type="button" class="button" onClick={() => void begin()}>
          {say.pairNew}
        </button>
      ) : (
        <>
          <Qr text={link.value} />
          <input class="link-text" readOnly value={link.value} aria-label={words.copyLink} />
          <p role="status">{offline.value ? say.offlineWait : say.pairWait}</p>
        </>
      )}
      <button type="button" class="link" onClick={back}>
        {words.back}
      </button>
    </Page>
  );
}

export function Pair() {
  const locked = useSignal(false);
  const back = (): void => {
    void attempt(() => api().forget()).then((good) => {
      if (good) stage.value = "welcome";
    });
  };
  return locked.value ? <Square back={back} /> : <WayIn done={() => (locked.value = true)} />;
}
