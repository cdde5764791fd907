/** What is locked under words of its own: made, opened, read and closed here; leaving the page closes it. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, chosenItem, openPage, quietly, refresh, status, sync } from "../../app.ts";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import { ChooseWords } from "../first/ChooseWords.tsx";
import { Ask } from "./Ask.tsx";
import { Inside } from "./Inside.tsx";
import { locker, tried } from "./locker.ts";
import { Open } from "./Open.tsx";
import { say } from "./words.ts";

type Step = "loading" | "none" | "make" | "closed" | "ask" | "open" | "ended";

function leave(): void {
  openPage("journal");
}

export function Locked() {
  const step = useSignal<Step>("loading");
  /** The entry that this page was opened to lock. */
  const item = useSignal(chosenItem.value);
  useEffect(() => {
    void quietly(async () => {
      step.value = (await locker("exists")) ? "closed" : "none";
    });
    return () => void quietly(() => api().leaveRooms());
  }, []);

  const opened = (): void => {
    step.value = item.value === null ? "open" : "ask";
  };
  const make = async (chosen: string): Promise<void> => {
    if (!(await tried(() => locker("make", chosen)))) return;
    opened();
    void sync();
  };
  const asked = (): void => {
    item.value = null;
    step.value = "open";
    void refresh().then(sync);
  };

  switch (step.value) {
    case "loading":
      return <Page title={say.title}>{null}</Page>;
    case "none":
      return (
        <Page title={say.title}>
          <p>{say.what}</p>
          <p>{say.loss}</p>
          {status.value.stage === "open" && !status.value.finished && <p class="notice">{say.needs}</p>}
          <div class="buttons">
            {status.value.stage === "open" && status.value.finished && (
              <button type="button" class="button main" onClick={() => (step.value = "make")}>
                {say.make}
              </button>
            )}
            <button type="button" class="button" onClick={leave}>
              {words.back}
            </button>
          </div>
        </Page>
      );
    case "make":
      return <ChooseWords title={say.makeTitle} text={say.makeText} done={make} back={() => (step.value = "none")} />;
    case "closed":
      return <Open opened={opened} back={leave} />;
    case "ask":
      return <Ask item={item.value ?? ""} done={asked} />;
    case "open":
      return <Inside back={leave} ended={() => (step.value = "ended")} />;
    case "ended":
      return (
        <Page title={say.title}>
          <p role="status">{say.ended}</p>
          <button type="button" class="button main" onClick={leave}>
            {words.back}
          </button>
        </Page>
      );
  }
}
