/** Choosing words to open with: five that are made up here, or one's own; then typed once more. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, attempt, fault, quietly } from "../../app.ts";
import { words } from "../../words.ts";
import { say } from "./words.ts";
import { Field } from "../../parts/Field.tsx";
import { Page } from "../../parts/Page.tsx";

type Step = "made" | "own" | "type";

/** Return words as they were made, however they were spaced or written. */
function tidy(text: string): string {
  return text.trim().toLowerCase().split(/[\s-]+/).join(" ");
}

interface Props {
  /** What the words are for; absent: this device. */
  readonly title?: string;
  readonly text?: string;
  readonly done: (chosen: string) => Promise<void>;
  readonly back: () => void;
}

export function ChooseWords({ title = say.wordsTitle, text: about = say.wordsText, done, back }: Props) {
  const step = useSignal<Step>("made");
  const made = useSignal("");
  const own = useSignal("");
  const typed = useSignal("");
  const busy = useSignal(false);

  /** Make up words; their list is fetched only now, since most people never need it. */
  const makeWords = (): Promise<void> =>
    quietly(async () => {
      const { passphrase } = await import("./passphrase.ts");
      made.value = passphrase();
    });
  useEffect(() => void makeWords(), []);

  const go = (to: Step) => (): void => {
    fault.value = null;
    typed.value = "";
    if (to === "made") own.value = "";
    step.value = to;
  };
  const takeOwn = async (event: Event): Promise<void> => {
    event.preventDefault();
    own.value = own.value.trim();
    if (await attempt(() => api().checkWords(own.value))) go("type")();
  };
  const check = async (event: Event): Promise<void> => {
    event.preventDefault();
    const [given, asked] = own.value === "" ? [tidy(typed.value), made.value] : [typed.value.trim(), own.value];
    if (given !== asked) {
      fault.value = { message: say.wordsDiffer, hint: null };
      return;
    }
    busy.value = true;
    await attempt(() => done(asked));
    busy.value = false;
  };

  switch (step.value) {
    case "made":
      return (
        <Page title={title}>
          <p>{about}</p>
          {made.value !== "" && <p class="words">{made.value}</p>}
          <div class="buttons">
            <button type="button" class="button main" disabled={made.value === ""} onClick={go("type")}>
              {say.haveThem}
            </button>
            <button type="button" class="button" onClick={() => void makeWords()}>
              {say.otherWords}
            </button>
          </div>
          <p>
            <button type="button" class="link" onClick={go("own")}>
              {say.ownWords}
            </button>
          </p>
          <button type="button" class="link" onClick={back}>
            {words.back}
          </button>
        </Page>
      );
    case "own":
      return (
        <Page title={say.ownWords}>
          <form onSubmit={(event) => void takeOwn(event)}>
            <Field
              label={say.ownLabel}
              hint={say.ownText}
              secret
              value={own.value}
              change={(text) => (own.value = text)}
            />
            <div class="buttons">
              <button type="submit" class="button main">
                {words.next}
              </button>
              <button type="button" class="button" onClick={go("made")}>
                {words.back}
              </button>
            </div>
          </form>
        </Page>
      );
    case "type":
      return (
        <Page title={own.value === "" ? words.typeWords : say.typeAgain}>
          <form onSubmit={(event) => void check(event)}>
            <Field
              label={own.value === "" ? title : say.ownLabel}
              mono={own.value === ""}
              secret={own.value !== ""}
              value={typed.value}
              change={(text) => (typed.value = text)}
            />
            <div class="buttons">
              <button type="submit" class="button main" disabled={busy.value}>
                {busy.value ? words.working : words.next}
              </button>
              <button type="button" class="button" onClick={go(own.value === "" ? "made" : "own")}>
                {words.back}
              </button>
            </div>
          </form>
        </Page>
      );
  }
}
