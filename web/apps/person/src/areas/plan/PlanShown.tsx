/** A plan as it is read: by its person, in a check-up, and by whom it is shared with. */

import type { JsonObject } from "@mindhaven/sdk";

import { fill } from "../../words.ts";
import { PARTS, callOf, helpersOf, isPeople, linesOf, type Part } from "./plan.ts";
import { say } from "./words.ts";

function People({ body, part }: { body: JsonObject; part: "people" | "professionals" }) {
  return (
    <ul class="rows">
      {helpersOf(body, part).map((one, number) => {
        const call = callOf(one.contact);
        return (
          <li key={number}>
            <span class="grow">
              <strong>{one.name}</strong>
              {one.contact !== undefined && <span class="block">{one.contact}</span>}
              {one.hours !== undefined && <span class="block soft small">{one.hours}</span>}
              {one.note !== undefined && <span class="block soft small">{one.note}</span>}
            </span>
            {call !== null && (
              <a class="button no-print" href={call}>
                {fill(say.call, { name: one.name })}
              </a>
            )}
          </li>
        );
      })}
    </ul>
  );
}

interface PlanShownProps {
  readonly body: JsonObject;
  /** The parts to show; all if none are named. */
  readonly parts?: readonly Part[];
  /** The parts stand below a heading of the page. */
  readonly below?: boolean;
}

export function PlanShown({ body, parts = PARTS, below = false }: PlanShownProps) {
  const Head = below ? "h3" : "h2";
  return (
    <>
      {parts
        .filter((part) => linesOf(body, part).length > 0)
        .map((part) => (
          <section key={part}>
            <Head>{say.heads[part]}</Head>
            {isPeople(part) ? (
              <People body={body} part={part} />
            ) : (
              <ul class="lines">
                {linesOf(body, part).map((line, number) => (
                  <li key={number}>{line}</li>
                ))}
              </ul>
            )}
          </section>
        ))}
    </>
  );
}
