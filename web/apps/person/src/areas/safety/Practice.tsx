/** Practice that costs nothing: leaving at once, and whether the spare key is still there. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, choose, status } from "../../app.ts";
import { practiseShift } from "../../exit.ts";
import { localDay } from "../../parts/dates.ts";
import { OpenAgain } from "../../parts/OpenAgain.tsx";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import type { PageProps } from "../index.ts";
import { say } from "./words.ts";

export function Practice({ done }: PageProps) {
  const exited = useSignal(false);
  const opened = useSignal(false);
  const finished = status.value.stage === "open" && status.value.finished;
  return (
    <Page title={say.practiceTitle}>
      <p>{say.practiceText}</p>
      <h2>{say.practiceExit}</h2>
      <PracticeExit exited={() => (exited.value = true)} />
      <p role="status">{exited.value && say.practiceDone}</p>
      <h2>{say.spare}</h2>
      {finished ? (
        <>
          <p>{say.spareText}</p>
          {!opened.value && (
            <OpenAgain
              spare
              opened={async (key) => {
                await api().tryWay(key);
                opened.value = true;
                await choose("spareTriedOn", localDay(Date.now()));
              }}
            />
          )}
          <p role="status">{opened.value && say.spareGood}</p>
        </>
      ) : (
        <p>{say.spareNone}</p>
      )}
      <div class="buttons">
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}

/** The same button and the same keys; while this page is open, Shift three times is practice too. */
function PracticeExit({ exited }: { exited: () => void }) {
  useEffect(() => practiseShift(exited), []);
  return (
    <>
      <p>{say.practiceExitText}</p>
      <button type="button" class="button" onClick={exited}>
        {words.exit}
      </button>
    </>
  );
}
