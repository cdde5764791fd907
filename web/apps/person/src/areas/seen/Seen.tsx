/** What this server can see, can't see, lets guess, and who could ask for it: filled with this person's own values. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, attempt } from "../../app.ts";
import type { SeenShown } from "../../engine/logged.ts";
import { momentText } from "../../parts/dates.ts";
import { Page } from "../../parts/Page.tsx";
import { fill, words } from "../../words.ts";
import type { PageProps } from "../index.ts";
import { CanSee } from "./CanSee.tsx";
import { guesses } from "./guesses.ts";
import { asJson } from "./values.ts";
import { say } from "./words.ts";

const FILE_NAME = "mindhaven-server-sees.json";

function hourHere(seconds: number): number {
  return new Date(seconds * 1000).getHours();
}

/** Hand the values over as a file; they are made here and asked of nobody. */
function save(seen: SeenShown, at: number): void {
  const url = URL.createObjectURL(new Blob([asJson(seen, at)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = FILE_NAME;
  link.click();
  URL.revokeObjectURL(url);
}

function Guesses({ seen }: { seen: SeenShown }) {
  const found = guesses(seen, Date.now() / 1000, hourHere);
  if (found.length === 0) return <p>{say.guessNone}</p>;
  return (
    <>
      <p>{say.guessText}</p>
      <ul class="lines">
        {found.map(({ rule, values }) => (
          <li key={rule}>{fill(say.guesses[rule], values)}</li>
        ))}
      </ul>
      <p class="soft">{say.guessMore}</p>
    </>
  );
}

function Asked({ seen }: { seen: SeenShown }) {
  return (
    <>
      {say.asked.map(({ who, what }) => (
        <p key={who}>
          <strong class="block">{who}</strong>
          {what}
        </p>
      ))}
      {seen.ways.includes("passphrase") && <p>{say.thiefWords}</p>}
      <p>{say.mustKeep}</p>
      <p>{say.checks}</p>
    </>
  );
}

export function Seen({ done }: PageProps) {
  const found = useSignal<{ readonly seen: SeenShown; readonly at: number } | null>(null);
  const busy = useSignal(true);
  useEffect(() => {
    void attempt(async () => {
      found.value = { seen: await api().seen(), at: Date.now() };
    }).then(() => (busy.value = false));
  }, []);
  const shown = found.value;
  return (
    <Page title={words.serverSees}>
      <p>{words.serverSeesText}</p>
      <p role="status">{busy.value ? words.working : ""}</p>
      {shown !== null && (
        <>
          <p>
            {say.lead} <span class="soft small">{momentText(shown.at)}</span>
          </p>
          <h2>{say.can}</h2>
          <CanSee seen={shown.seen} hourOf={hourHere} />
          <h2>{say.cant}</h2>
          <ul class="lines">
            {say.cannot.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
          <h2>{say.guess}</h2>
          <Guesses seen={shown.seen} />
          <h2>{say.who}</h2>
          <Asked seen={shown.seen} />
          <p class="soft small">{say.jsonText}</p>
        </>
      )}
      <div class="buttons">
        {shown !== null && (
          <button type="button" class="button" onClick={() => { save(shown.seen, shown.at); }}>
            {say.json}
          </button>
        )}
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
