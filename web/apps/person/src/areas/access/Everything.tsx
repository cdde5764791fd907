/** Everything that was logged about this person, the newest first: what, by whom, on which part, and whether it is verified. */

import { useSignal } from "@preact/signals";

import type { ActShown, WhoShown } from "../../engine/logged.ts";
import { momentText } from "../../parts/dates.ts";
import { fill, words } from "../../words.ts";
import { folded, type Folded } from "./groups.ts";
import { label } from "./labels.ts";
import { partText } from "./parts.ts";
import { Standing } from "./Standing.tsx";
import { say } from "./words.ts";

/** What a phone lays out without a wait. */
const AT_A_TIME = 50;
/** What a name of an event looks like; what a server makes up beside that is not shown. */
const EVENT = /^[a-z.-]{1,64}$/;

function byText({ kind, name }: WhoShown): string {
  if (kind === "self") return name === null || name === "" ? say.by.self : fill(say.by.device, { name });
  if (kind === "server") return say.by.server;
  return name ?? say.by.unknown;
}

function titleOf({ what, isKnown, part }: ActShown): string {
  if (what === null) return say.erased;
  const name = isKnown ? label[what] : undefined;
  const text = name ?? fill(say.unknown, { what: EVENT.test(what) ? what : "?" });
  return part === null ? text : `${text}: ${partText(part)}`;
}

function Row({ act, times }: Folded) {
  const { at, what, who, whom, missing } = act;
  const about = [
    ...(what === null ? [] : [byText(who)]),
    ...(whom === null ? [] : [fill(say.for, { name: byText(whom) })]),
    ...(at === null ? [] : [momentText(at * 1000)]),
    ...(times > 1 ? [fill(say.many, { count: String(times) })] : []),
  ];
  return (
    <li>
      <span class="grow">
        {titleOf(act)}
        <span class="soft small block">{about.join(", ")}</span>
      </span>
      <Standing missing={missing} brief />
    </li>
  );
}

export function Everything({ acts }: { acts: readonly ActShown[] }) {
  const shown = useSignal(AT_A_TIME);
  const newest = folded(acts);
  return (
    <>
      <h2>{say.all}</h2>
      <p class="soft small">{say.hour}</p>
      <ul class="rows">
        {newest.slice(0, shown.value).map(({ act, times }) => (
          <Row key={act.seq} act={act} times={times} />
        ))}
      </ul>
      {newest.length > shown.value && (
        <button type="button" class="button" onClick={() => (shown.value += AT_A_TIME)}>
          {words.earlier}
        </button>
      )}
    </>
  );
}
