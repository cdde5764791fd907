/** The plan for hard days: readable in one tap, without a network; changed and printed from here. */

import { entries, openPage } from "../../app.ts";
import { Page } from "../../parts/Page.tsx";
import { dateText } from "../../parts/dates.ts";
import { fill } from "../../words.ts";
import { helpPage } from "../../words/language.ts";
import { newestPlan } from "./plan.ts";
import { PlanShown } from "./PlanShown.tsx";
import { say } from "./words.ts";

export function Plan() {
  const plan = newestPlan(entries.value);
  const body = plan?.body ?? null;
  const change = (): void => {
    openPage("planEdit");
  };
  return (
    <Page title={say.title}>
      {plan === null || body === null ? (
        <>
          <p>{say.none}</p>
          <div class="buttons">
            <button type="button" class="button main" onClick={change}>
              {say.make}
            </button>
          </div>
        </>
      ) : (
        <>
          <PlanShown body={body} />
          <p class="soft small">{fill(say.since, { date: dateText(plan.createdAt) })}</p>
        </>
      )}
      <div class="buttons no-print">
        <a class="button" href={helpPage()}>
          {say.help}
        </a>
        <button
          type="button"
          class="button"
          onClick={() => {
            openPage("calm");
          }}
        >
          {say.breathe}
        </button>
        {plan !== null && (
          <>
            <button type="button" class="button" onClick={change}>
              {say.edit}
            </button>
            <button
              type="button"
              class="button"
              onClick={() => {
                print();
              }}
            >
              {say.print}
            </button>
          </>
        )}
      </div>
    </Page>
  );
}
