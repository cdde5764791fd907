/** You: ways in and devices, what the server can see, lock, and leaving for good. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import type { RecentAct } from "@mindhaven/sdk";

import { api, attempt, openPage, status } from "../../app.ts";
import type { DeviceShown } from "../../engine/shown.ts";
import { lockNow } from "../../idle.ts";
import { dateText } from "../../parts/dates.ts";
import { Languages } from "../../parts/Languages.tsx";
import { Page } from "../../parts/Page.tsx";
import { PolicyLink } from "../../parts/PolicyLink.tsx";
import { fill, words } from "../../words.ts";
import { useNoticeWords } from "../reminders/following.ts";
import { say } from "./words.ts";
import { EndDevice } from "./EndDevice.tsx";
import { PolicyNews } from "./PolicyNews.tsx";

/** More would push the rest of the page away; the newest come first. */
const LATELY_MOST = 10;

function Device({ one, end }: { one: DeviceShown; end: () => void }) {
  return (
    <li>
      <span class="grow">
        {one.here ? say.thisDevice : fill(say.calls, { name: one.name || "?" })}
        <br />
        <span class="soft small">{fill(say.since, { date: dateText(one.firstSeenAt * 1000) })}</span>
      </span>
      {!one.here && (
        <button type="button" class="button" onClick={end}>
          {say.signOutDevice}
        </button>
      )}
    </li>
  );
}

export function You() {
  useNoticeWords();
  const here = status.value;
  const devices = useSignal<readonly DeviceShown[]>([]);
  const recent = useSignal<readonly RecentAct[]>([]);
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

  const all = (): void => {
    ending.value = null;
    void load();
  };

  if (ending.value !== null) return <EndDevice device={ending.value} done={all} />;
  return (
    <Page title={say.youTitle}>
      {finished ? (
        <p>{here.handle !== null && here.handle !== "" && fill(say.signInAs, { handle: here.handle })}</p>
      ) : (
        <>
          <p>{say.onlyHere}</p>
          <button type="button" class="button main" onClick={() => { openPage("finish"); }}>
            {words.finish}
          </button>
        </>
      )}
      {signedIn && <PolicyNews />}
      <div class="pair">
        {signedIn && (
          <button type="button" class="button" onClick={() => { openPage("waysIn"); }}>
            {say.waysIn}
          </button>
        )}
        <button type="button" class="button" onClick={() => { openPage("safety"); }}>
          {say.safety}
        </button>
        {signedIn && (
          <button type="button" class="button" onClick={() => { openPage("choices"); }}>
            {say.choices}
          </button>
        )}
        <button type="button" class="button" onClick={() => { openPage("reminders"); }}>
          {say.reminders}
        </button>
        <button type="button" class="button" onClick={() => { openPage("medicines"); }}>
          {say.medicine}
        </button>
        <button type="button" class="button" onClick={() => { openPage("history"); }}>
          {say.history}
        </button>
        <button type="button" class="button" onClick={() => { openPage("review"); }}>
          {say.review}
        </button>
        <button type="button" class="button" onClick={() => { openPage("import"); }}>
          {say.import}
        </button>
        <button type="button" class="button" onClick={() => { openPage("take"); }}>
          {say.take}
        </button>
      </div>
      {signedIn && (
        <>
          <h2>{words.devices}</h2>
          <ul class="rows">
            {devices.value.map((one) => (
              <Device key={one.session} one={one} end={() => (ending.value = one)} />
            ))}
          </ul>
          <h2>{say.lately}</h2>
          <p class="soft">{say.latelyText}</p>
          <ul class="rows">
            {recent.value.slice(0, LATELY_MOST).map((one, number) => (
              <li key={number}>
                <span class="grow">{say.recent[one.what]}</span>
                <span class="soft small">{dateText(one.at * 1000)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      <Languages />
      <h2>{words.serverSees}</h2>
      <p class="soft">{words.serverSeesText}</p>
      {signedIn && (
        <button type="button" class="button" onClick={() => { openPage("serverSees"); }}>
          {words.serverSees}
        </button>
      )}
      <PolicyLink text={say.policy} />
      <div class="buttons">
        <button type="button" class="button" onClick={() => void lockNow()}>
          {say.lockNow}
        </button>
        <button type="button" class="button stop" onClick={() => { openPage("leave"); }}>
          {say.leave}
        </button>
      </div>
    </Page>
  );
}
