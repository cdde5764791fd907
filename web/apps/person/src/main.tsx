/** The page begins: scripts, engine, then whatever stands on this device. */

import { render } from "preact";

import { App } from "./parts/App.tsx";
import {
  closePage,
  invitation,
  lacking,
  page,
  pairLink,
  refresh,
  show,
  stage,
  status,
  sync,
  useEngine,
  view,
} from "./app.ts";
import { speak } from "./words.ts";
import { language } from "./words/language.ts";
import { apiOf } from "./engine/api.ts";
import workerUrl from "./engine/worker.ts?worker&url";
import { wear } from "./comforts.ts";
import { endsWith } from "./exit.ts";
import { cleanAddress, guard } from "./guard.ts";
import { watchIdle } from "./idle.ts";
import { holdInstall } from "./install.ts";
import { missing } from "./safeguards.ts";
import { startScripts } from "./scripts.ts";
import { watchRelease } from "./watch.ts";
import "./tokens.css";
import "./style.css";

const SYNC_EVERY_MS = 60_000;

/** Take a link's secret out of the address at once: it must not stay in the history or be passed on by mistake. */
function takeLink(): void {
  if (location.hash.startsWith("#invite=")) {
    invitation.value = location.href;
    view.value = "people"; // where it is answered
  } else if (location.hash.startsWith("#pair=")) pairLink.value = location.href;
  else if (location.hash === "#plan") show("plan"); // from the crisis page
  else return;
  cleanAddress();
}

async function begin(): Promise<void> {
  await refresh();
  if (status.value.stage === "empty") stage.value = "welcome";
  else stage.value = status.value.stage === "locked" ? "locked" : "open";
}

/** One step back within the app; false where there is none. */
function stepBack(): boolean {
  if (stage.value === "first" || stage.value === "join") stage.value = "welcome";
  else if (stage.value === "open" && page.value !== null) closePage();
  else if (stage.value === "open" && view.value !== "today") show("today");
  else return false;
  return true;
}

function start(): void {
  takeLink();
  addEventListener("hashchange", takeLink);
  const { worker, register } = startScripts(workerUrl);
  endsWith(worker);
  useEngine(
    apiOf(worker, (news) => {
      if (news === "elsewhere") stage.value = "elsewhere";
      if (news === "ready") void begin();
    }),
  );
  guard(stepBack);
  watchIdle();
  if ("serviceWorker" in navigator) watchRelease(register);
  setInterval(() => void sync(), SYNC_EVERY_MS);
  addEventListener("online", () => void sync());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && stage.value === "open") void sync();
  });
}

wear();
holdInstall();
lacking.value = missing();
if (lacking.value === null) start();
const root = document.getElementById("app");
/** The words come first: nothing is shown in one language and a moment later in another. */
void speak(language.value)
  .catch(() => undefined) // offline and not kept yet: English is there
  .then(() => {
    if (root !== null) render(<App />, root);
    // Exit stands on every page: its host's address is asked for as soon as the first one is there.
    void import("./hostexit.ts").catch(() => undefined);
  });
