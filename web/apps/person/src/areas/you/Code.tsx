/** A code beside the words: turned on with an authenticator app, turned off by opening a way in. */

import { useSignal } from "@preact/signals";

import { api, attempt } from "../../app.ts";
import type { CodeBeside } from "../../engine/code.ts";
import { Field } from "../../parts/Field.tsx";
import { OpenAgain } from "../../parts/OpenAgain.tsx";
import { Page } from "../../parts/Page.tsx";
import { Qr } from "../../parts/Qr.tsx";
import { words } from "../../words.ts";
import { say } from "./words.ts";

/** What an authenticator app shows: neutral words, since others may look at that list. */
const SHOWN_NAME = "My notes";

async function beside<Name extends keyof CodeBeside>(
  name: Name,
  ...args: Parameters<CodeBeside[Name]>
): Promise<Awaited<ReturnType<CodeBeside[Name]>>> {
  return (await api().act("code", name, args)) as Awaited<ReturnType<CodeBeside[Name]>>;
}

/** `on`: whether a code is asked for now. */
export function Code({ on, done }: { on: boolean; done: (said: string) => void }) {
  const secret = useSignal("");
  const code = useSignal("");
  const busy = useSignal(false);

  const back = (): void => {
    done("");
  };
  const check = async (event: Event): Promise<void> => {
    event.preventDefault();
    busy.value = true;
    const good = await attempt(() => beside("on", code.value));
    busy.value = false;
    if (good) done(say.codeIsOn);
  };

  if (secret.value === "") {
    return (
      <Page title={on ? say.codeOff : say.codeOn}>
        <p>{on ? say.codeOffText : say.codeOnText}</p>
        <OpenAgain
          spare={false}
          opened={async (key) => {
            if (on) {
              await beside("off", key);
              done(say.codeIsOff);
            } else {
              secret.value = await beside("start", key);
            }
          }}
        />
        <button type="button" class="link" onClick={back}>
          {words.back}
        </button>
      </Page>
    );
  }
  const uri = `otpauth://totp/${encodeURIComponent(SHOWN_NAME)}?secret=${secret.value}`;
  return (
    <Page title={say.codeOn}>
      <p>{say.codeScan}</p>
      <Qr text={uri} />
      <p class="words">{secret.value.match(/.{1,4}/g)?.join(" ")}</p>
      <form onSubmit={(event) => void check(event)}>
        <Field
          label={say.codeNow}
          inputMode="numeric"
          autocomplete="one-time-code"
          value={code.value}
          change={(text) => (code.value = text.replaceAll(/\s/g, ""))}
        />
        <div class="buttons">
          <button type="submit" class="button main" disabled={busy.value}>
            {say.codeTurnOn}
          </button>
          <button type="button" class="button" onClick={back}>
            {words.back}
          </button>
        </div>
      </form>
    </Page>
  );
}
