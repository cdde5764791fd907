/** You: ways in and devices, what the server can see, lock, and leaving for good. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import type { RecentAct } from "@mindhaven/sdk";

import { api, attempt, refresh, stage, status } from "../app.ts";
import type { DeviceShown } from "../engine/shown.ts";
import { Page } from "../parts/Page.tsx";
import { fill, words } from "../words.ts";
import { EndDevice } from "./EndDevice.tsx";
import { Finish } from "./Finish.tsx";
import { Leave } from "./Leave.tsx";
import type { WaysIn } from "./WaysIn.tsx";

/** More would push the rest of the page away; the newest come first. */
const LATELY_MOST = 10;
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

function Device({ one, end }: { one: DeviceShown; end: () => void }) {
  return (
    <li>
      <span class="grow">
        {one.here ? words.thisDevice : fill(words.calls, { name: one.name || "?" })}
        <br />
        <span class="soft small">{fill(words.since, { date: DATE.format(one.firstSeenAt * 1000) })}</span>
      </span>
      {!one.here && (
        <button type="button" class="button" onClick={end}>
          {words.signOutDevice}
        </button>
      )}
    </li>
  );
}

export function You() {
  const here = status.value;
  const devices = useSignal<readonly DeviceShown[]>([]);
  const recent = useSignal<readonly RecentAct[]>([]);
  const shown = useSignal<"all" | "leave" | "finish">("all");
  const waysIn = useSignal<{ readonly View: typeof WaysIn } | null>(null);
  const ending = useSignal<DeviceShown | null>(null);
  const finished = here.stage === "open" && here.finished;
  const signedIn = here.stage === "open" && here.signedIn;
  const load = (): Promise<boolean> =>
    attempt(async () => {
      devices.value = await api().devices();
      recent.value = await api().recent();
    });
  useEffect(() => {
    if (signedIn) void load();
  }, [signedIn]);

  const lock = async (): Promise<void> => {
    await api().lock();
    await refresh();
    stage.value = "locked";
  };
  /** The page of ways in is fetched when somebody opens it: few do so often. */
  const openWays = (): Promise<boolean> =>
    attempt(async () => {
      waysIn.value = { View: (await import("./WaysIn.tsx")).WaysIn };
    });
  const all = (): void => {
    waysIn.value = null;
    ending.value = null;
    shown.value = "all";
    void load();
  };

  if (shown.value === "leave") return <Leave done={() => (shown.value = "all")} />;
  if (shown.value === "finish") return <Finish done={() => (shown.value = "all")} />;
  const ways = waysIn.value;
  if (ways !== null) return <ways.View done={all} />;
  if (ending.value !== null) return <EndDevice device={ending.value} done={all} />;
  return (
    <Page title={words.youTitle}>
      {finished ? (
        <p>{here.handle !== null && here.handle !== "" && fill(words.signInAs, { handle: here.handle })}</p>
      ) : (
        <>
          <p>{words.onlyHere}</p>
          <button type="button" class="button main" onClick={() => (shown.value = "finish")}>
            {words.finish}
          </button>
        </>
      )}
      {signedIn && (
        <>
          <button type="button" class="button" onClick={() => void openWays()}>
            {words.waysIn}
          </button>
          <h2>{words.devices}</h2>
          <ul class="rows">
            {devices.value.map((one) => (
              <Device key={one.session} one={one} end={() => (ending.value = one)} />
            ))}
          </ul>
          <h2>{words.lately}</h2>
          <p class="soft">{words.latelyText}</p>
          <ul class="rows">
            {recent.value.slice(0, LATELY_MOST).map((one, number) => (
              <li key={number}>
                <span class="grow">{words.recent[one.what]}</span>
                <span class="soft small">{DATE.format(one.at * 1000)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <h2>{words.serverSees}</h2>
      <p class="soft">{words.serverSeesText}</p>
      <div class="buttons">
        <button type="button" class="button" onClick={() => void lock()}>
          {words.lockNow}
        </button>
        <button type="button" class="button stop" onClick={() => (shown.value = "leave")}>
          {words.leave}
        </button>
      </div>
    </Page>
  );
}
