/**
 * What comes at once after an answer that tells of thoughts of death: before the next question, and before any score.
 *
 * Guarantees: what is answered to "are you safe" lives in this component only: it is neither stored nor sent, and nobody is
 * told. The way on is always there.
 */

import { useSignal } from "@preact/signals";

import { entries } from "../../app.ts";
import { Page } from "../../parts/Page.tsx";
import { fill, words } from "../../words.ts";
import { helpPage, language } from "../../words/language.ts";
import { Breathing } from "../calm/Breathing.tsx";
import { linesOf, newestPlan } from "../plan/plan.ts";
import { PlanShown } from "../plan/PlanShown.tsx";
import { callTo, countryOf, emergencyOf, textTo, type HelpLine } from "./lines.ts";
import { say } from "./words.ts";

/** The parts of a plan that name nobody. */
const ALONE = ["signs", "helps", "distractions", "surroundings", "reasons", "note"] as const;

function Line({ line }: { line: HelpLine }) {
  const { name, number, text } = line;
  return (
    <li>
      <span class="grow">
        <strong>{name}</strong>
        {line.hours[language.value] !== "" && <span class="block soft small">{line.hours[language.value]}</span>}
        {!line.everyone && <span class="block soft small">{line.audience[language.value]}</span>}
      </span>
      {line.call && (
        <a class="button" href={callTo(number)}>
          {fill(say.call, { number })}
        </a>
      )}
      {text !== null && (
        <a class="button" href={textTo(number)}>
          {text === "" ? fill(say.text, { number }) : fill(say.textWord, { word: text, number })}
        </a>
      )}
      {line.chat !== null && (
        <a class="button" href={line.chat} rel="noreferrer noopener">
          {say.chat}
        </a>
      )}
    </li>
  );
}

export function Support({ carryOn }: { carryOn: () => void }) {
  const answer = useSignal<"yes" | "unsure" | "no" | null>(null);
  // Here, not on a page of its own: this component holds where the check-up stands.
  const breathing = useSignal(false);
  const plan = newestPlan(entries.value)?.body ?? null;
  const country = countryOf(navigator.languages);
  const number = emergencyOf(country);
  const emergency = (
    <p>
      <a class="button main" href={callTo(number)}>
        {fill(say.call, { number })}
      </a>
    </p>
  );
  const choices = [
    ["yes", say.safeYes],
    ["unsure", say.safeUnsure],
    ["no", say.safeNo],
  ] as const;
  if (breathing.value) {
    return (
      <Page title={words.breathe}>
        <Breathing notes={false} />
        <div class="buttons">
          <button type="button" class="button" onClick={() => (breathing.value = false)}>
            {words.back}
          </button>
        </div>
      </Page>
    );
  }
  return (
    <Page title={say.safe}>
      <p>{say.thanks}</p>
      <div class="three">
        {choices.map(([one, word]) => (
          <button key={one} type="button" class="button" aria-pressed={answer.value === one} onClick={() => (answer.value = one)}>
            {word}
          </button>
        ))}
      </div>
      <p class="soft small">{say.safeText}</p>
      {answer.value === "no" && (
        <div role="status">
          <p>
            <strong>{fill(say.callNow, { number })}</strong>
          </p>
          {emergency}
        </div>
      )}
      {plan === null ? (
        <>
          <h2>{say.myPlan}</h2>
          <p>{say.noPlan}</p>
        </>
      ) : (
        ALONE.some((part) => linesOf(plan, part).length > 0) && (
          <>
            <h2>{say.myPlan}</h2>
            <PlanShown body={plan} parts={ALONE} below />
          </>
        )
      )}
      <h2>{say.trusted}</h2>
      {plan === null ? <p>{say.trustedText}</p> : <PlanShown body={plan} parts={["people", "professionals"]} below />}
      {plan !== null && <p>{say.trustedText}</p>}
      <h2>{say.lines}</h2>
      <ul class="rows">
        {country?.lines.map((line) => <Line key={`${line.name}/${line.number}`} line={line} />)}
      </ul>
      {answer.value !== "no" && emergency}
      <p>
        <a class="button" href={helpPage()}>
          {say.moreLines}
        </a>
      </p>
      <p>{say.breathe}</p>
      <p>
        <button type="button" class="button" onClick={() => (breathing.value = true)}>
          {words.breathe}
        </button>
      </p>
      <p>{fill(say.nobody, { number })}</p>
      <div class="buttons">
        <button type="button" class="button" onClick={carryOn}>
          {say.carryOn}
        </button>
      </div>
    </Page>
  );
}
