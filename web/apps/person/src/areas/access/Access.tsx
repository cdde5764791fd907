/** Access: who fetched what, by person and day, each line verified on this device or with what it lacks. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, attempt } from "../../app.ts";
import type { ActivityShown } from "../../engine/logged.ts";
import { dateText, momentText } from "../../parts/dates.ts";
import { Page } from "../../parts/Page.tsx";
import { fill, words } from "../../words.ts";
import { locale } from "../../words/language.ts";
import type { PageProps } from "../index.ts";
import { Everything } from "./Everything.tsx";
import { lookers, type Look, type Looker } from "./groups.ts";
import { partText } from "./parts.ts";
import { Standing } from "./Standing.tsx";
import { say } from "./words.ts";

/** Days of one person that are listed at once; the rest follows with a press. */
const AT_A_TIME = 30;

function fetchedText(name: string | null, { times, fileParts }: Look, values: { part: string; date: string }): string {
  if (times + fileParts === 0) return `${values.part}, ${values.date}`; // only reported: what was fetched came before
  return name === null ? fill(say.someoneFetched, values) : fill(say.fetched, { name, ...values });
}

function Line({ name, look }: { name: string | null; look: Look }) {
  const values = { part: look.part === null ? say.aPart : partText(look.part), date: dateText(look.at) };
  const more = [
    ...(look.times > 1 ? [fill(say.times, { count: String(look.times) })] : []),
    ...(look.opened ? [name === null ? say.someoneOpened : fill(say.opened, { name })] : []),
    ...(look.fileParts > 0 ? [fill(say.files, { count: String(look.fileParts) })] : []),
  ];
  return (
    <li>
      <span class="grow">
        {fetchedText(name, look, values)}
        {more.length > 0 && <span class="soft small block">{more.join(" ")}</span>}
      </span>
      <Standing missing={look.missing} />
    </li>
  );
}

function Group({ one }: { one: Looker }) {
  const shown = useSignal(AT_A_TIME);
  const { name } = one.who;
  return (
    <>
      <h2>{name ?? say.stranger}</h2>
      <p class="soft small">{say.notRead}</p>
      <ul class="rows">
        {one.looks.slice(0, shown.value).map((look) => (
          <Line key={`${look.day} ${look.part?.name ?? ""}`} name={name} look={look} />
        ))}
      </ul>
      {one.looks.length > shown.value && (
        <button type="button" class="button" onClick={() => (shown.value += AT_A_TIME)}>
          {words.earlier}
        </button>
      )}
    </>
  );
}

function State({ log }: Pick<ActivityShown, "log">) {
  if (log === null) return <p class="soft small">{say.unsigned}</p>;
  const size = fill(say.state, { count: log.size.toLocaleString(locale()) });
  const seen = log.vouchedAt === null ? "" : fill(say.vouched, { date: momentText(log.vouchedAt * 1000) });
  return (
    <p class="soft small">
      {size} {seen}
    </p>
  );
}

export function Access({ done }: PageProps) {
  const found = useSignal<ActivityShown | null>(null);
  const busy = useSignal(true);
  const all = useSignal(false);
  useEffect(() => {
    void attempt(async () => {
      found.value = await api().activity();
    }).then(() => (busy.value = false));
  }, []);

  const groups = lookers(found.value?.acts ?? []);
  return (
    <Page title={say.title}>
      <p>{say.lead}</p>
      <p role="status">{busy.value ? words.working : ""}</p>
      {found.value?.warnings.map((one) => (
        <p key={one} class="notice">
          {say.warnings[one]}
        </p>
      ))}
      {found.value !== null && (
        <>
          {groups.length === 0 && <p>{say.none}</p>}
          {groups.map((one) => (
            <Group key={one.who.id} one={one} />
          ))}
          {found.value.acts.some((one) => !one.isKnown) && <p class="notice">{say.unknownLines}</p>}
          <State log={found.value.log} />
          <p class="soft">{say.foot}</p>
          {all.value && <Everything acts={found.value.acts} />}
        </>
      )}
      <div class="buttons">
        {found.value !== null && (
          <button type="button" class="button" aria-expanded={all.value} onClick={() => (all.value = !all.value)}>
            {all.value ? say.showLess : say.showAll}
          </button>
        )}
        <button type="button" class="button" onClick={done}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
