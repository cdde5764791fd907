/** The page begins: scripts, engine, then whatever stands on this device. */

import { render } from "preact";

import { App } from "./parts/App.tsx";
import { invitation, pairLink, refresh, stage, status, sync, useEngine, view } from "./app.ts";
import { apiOf } from "./engine/api.ts";
import workerUrl from "./engine/worker.ts?worker&url";
import { endsWith } from "./exit.ts";
import { startScripts } from "./scripts.ts";
import { watchRelease } from "./watch.ts";
import "./style.css";

const SYNC_EVERY_MS = 60_000;

/** Take a link's secret out of the address at once: it must not stay in the history or be passed on by mistake. */
function takeLink(): void {
  if (location.hash.startsWith("#invite=")) {
    invitation.value = location.href;
    view.value = "people"; // where it is answered
  } else if (location.hash.startsWith("#pair=")) pairLink.value = location.href;
  else return;
  history.replaceState(null, "", "/");
}

async function begin(): Promise<void> {
  await refresh();
  if (status.value.stage === "empty") stage.value = "welcome";
  else stage.value = status.value.stage === "locked" ? "locked" : "open";
}

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
if ("serviceWorker" in navigator) watchRelease(register);
setInterval(() => void sync(), SYNC_EVERY_MS);
addEventListener("online", () => void sync());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && stage.value === "open") void sync();
});

const root = document.getElementById("app");
if (root !== null) render(<App />, root);
