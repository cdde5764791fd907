/** What the columns of a table mean that no importer knows: only a person can say it. */

import { useSignal } from "@preact/signals";

import { fault } from "../../app.ts";
import type { Telling, UnknownTable } from "../../engine/imports.ts";
import { Field } from "../../parts/Field.tsx";
import { Page } from "../../parts/Page.tsx";
import { fill, words } from "../../words.ts";
import { Choose } from "./Choose.tsx";
import { BETWEEN, DAY_FORMS, MEANINGS, canBeNamed, lackOf, mapOf, type Between, type Choice, type DayForm, type Meaning } from "./columns.ts";
import { say } from "./words.ts";

/** Columns that are asked about: a wider table is no diary, and would be no page. */
const MOST = 40;
/** Characters of an example: enough to know a column by. */
const EXAMPLE = 40;

interface ColumnsProps {
  readonly table: UnknownTable;
  readonly tell: (more: Partial<Telling>) => void;
  readonly back: () => void;
}

function optionsOf<N extends string>(names: readonly N[], texts: Readonly<Record<N, string>>): (readonly [N, string])[] {
  return names.map((one) => [one, texts[one]] as const);
}

export function Columns({ table, tell, back }: ColumnsProps) {
  const choice = useSignal<Choice>({ meanings: [], dayForm: "iso", worst: "1", best: "5", between: "|" });
  const { meanings, dayForm, worst, best, between } = choice.value;
  const change = (more: Partial<Choice>): void => {
    fault.value = null; // what was lacking may be there now
    choice.value = { ...choice.value, ...more };
  };
  const mean = (place: number, meaning: string): void => {
    change({ meanings: table.names.map((_name, at) => (at === place ? (meaning as Meaning) : (meanings[at] ?? "none"))) });
  };
  const goOn = (): void => {
    const lack = lackOf(choice.value);
    fault.value = lack === null ? null : { message: say.lacks[lack], hint: null };
    if (lack === null) tell({ columns: mapOf(table.names, choice.value) });
  };
  const names = table.names.slice(0, MOST);
  return (
    <Page title={say.columnsTitle}>
      <p>{say.columnsText}</p>
      {names.map((name, place) => {
        const example = (table.example[place] ?? "").trim().slice(0, EXAMPLE);
        return (
          canBeNamed(name) && (
            <Choose
              key={place}
              label={name}
              {...(example === "" ? {} : { hint: fill(say.columnExample, { text: example }) })}
              options={optionsOf(MEANINGS, say.meanings)}
              value={meanings[place] ?? "none"}
              change={(meaning) => {
                mean(place, meaning);
              }}
            />
          )
        );
      })}
      {(meanings.includes("day") || meanings.includes("moment")) && (
        <Choose
          label={say.dayForm}
          options={optionsOf(Object.keys(DAY_FORMS) as DayForm[], say.dayForms)}
          value={dayForm}
          change={(form) => {
            change({ dayForm: form as DayForm });
          }}
        />
      )}
      {meanings.includes("mood") && (
        <div class="beside">
          <Field label={say.worst} inputMode="numeric" value={worst} change={(text) => { change({ worst: text }); }} />
          <Field label={say.best} inputMode="numeric" value={best} change={(text) => { change({ best: text }); }} />
        </div>
      )}
      {meanings.includes("activities") && (
        <Choose
          label={say.between}
          options={optionsOf(Object.keys(BETWEEN) as Between[], say.betweens)}
          value={between}
          change={(sign) => {
            change({ between: sign as Between });
          }}
        />
      )}
      <div class="buttons">
        <button type="button" class="button main" onClick={goOn}>
          {say.goOn}
        </button>
        <button type="button" class="button" onClick={() => { back(); }}>
          {words.back}
        </button>
      </div>
    </Page>
  );
}
