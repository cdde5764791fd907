/** What somebody may add to a mood. Everything can be left out; nothing is asked for because a mood was low. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { entries } from "../../app.ts";
import { Field } from "../../parts/Field.tsx";
import { inputTime, timeOfInput } from "../../parts/dates.ts";
import { NOTHING, tagsOf, type Details } from "./details.ts";
import { Slider } from "./Slider.tsx";
import { Tags } from "./Tags.tsx";
import { say } from "./words.ts";

const STEPS = 100;
const USUAL_SLEEP = { from: "23:00", to: "07:00", how: null };

/** Something that is noted only if somebody adds it: looking at it writes nothing. */
function Added({ title, there, toggle, children }: { title: string; there: boolean; toggle: () => void; children: ComponentChildren }) {
  return (
    <section class="fold" aria-label={title}>
      <div class="buttons">
        <button type="button" class="button" aria-expanded={there} onClick={toggle}>
          {there ? `${say.leaveOut}: ${title}` : title}
        </button>
      </div>
      {there && children}
    </section>
  );
}

function Sleep({ sleep, change }: { sleep: Details["sleep"]; change: (to: Details["sleep"]) => void }) {
  const times = sleep === null ? [] : ([["from", say.sleepFrom], ["to", say.sleepTo]] as const);
  return (
    <Added title={say.sleep} there={sleep !== null} toggle={() => { change(sleep === null ? USUAL_SLEEP : null); }}>
      <div class="beside">
        {sleep !== null && times.map(([end, label]) => (
          <label key={end} class="field">
            <span>{label}</span>
            <input type="time" required value={sleep[end]} onInput={(event) => { change({ ...sleep, [end]: event.currentTarget.value || sleep[end] }); }} />
          </label>
        ))}
      </div>
      <fieldset class="tags">
        <legend>{say.sleepHow}</legend>
        <div class="chips">
          {sleep !== null && say.sleepWords.map((word, how) => (
            <button key={word} type="button" class="button" aria-pressed={sleep.how === how} onClick={() => { change({ ...sleep, how }); }}>
              {word}
            </button>
          ))}
        </div>
      </fieldset>
    </Added>
  );
}

function Craving({ craving, change }: { craving: Details["craving"]; change: (to: Details["craving"]) => void }) {
  return (
    <Added title={say.craving} there={craving !== null} toggle={() => { change(craving === null ? { strength: 0, about: "" } : null); }}>
      {craving !== null && (
        <>
          <Slider label={say.cravingHow} hint={say.cravingText} low={0} high={10} step={1} value={craving.strength} change={(strength) => { change({ ...craving, strength }); }} />
          <Field label={say.cravingAbout} prose maxLength={500} value={craving.about} change={(about) => { change({ ...craving, about }); }} />
        </>
      )}
    </Added>
  );
}

interface MoodDetailsProps {
  readonly details: Details;
  readonly change: (details: Details) => void;
  /** The valence of the face that is chosen, if one is. */
  readonly face: number | null;
  /** Sleep and craving are entries of their own: they are not changed through a mood. */
  readonly alone?: boolean;
}

export function MoodDetails({ details, change, face, alone = false }: MoodDetailsProps) {
  const put = (part: Partial<Details>): void => {
    change({ ...NOTHING, ...details, ...part });
  };
  const { sleep, craving } = details;
  const future = useSignal(false);
  return (
    <div class="details">
      <label class="field">
        <span>{say.when}</span>
        <input
          type="datetime-local"
          max={inputTime(Date.now())}
          value={inputTime(details.at ?? Date.now())}
          onInput={(event) => {
            const at = timeOfInput(event.currentTarget.value);
            future.value = at === null && event.currentTarget.value !== "";
            if (at !== null) put({ at });
          }}
        />
        <span class="small" role="status">
          {future.value && say.future}
        </span>
      </label>
      <Tags
        title={say.tags}
        offered={tagsOf(entries.value, "activities")}
        chosen={details.activities}
        change={(activities) => {
          put({ activities });
        }}
      />
      <Field
        label={say.note}
        prose
        long
        value={details.note}
        change={(note) => {
          put({ note });
        }}
      />
      {!alone && <Sleep sleep={sleep} change={(to) => { put({ sleep: to }); }} />}
      {!alone && <Craving craving={craving} change={(to) => { put({ craving: to }); }} />}
      <details class="fold" open={details.arousal !== null || details.labels.length > 0}>
        <summary>{say.pad}</summary>
        <Slider label={say.valence} low={-STEPS} high={STEPS} step={5} value={Math.round((details.valence ?? face ?? 0) * STEPS)} change={(to) => { put({ valence: to / STEPS }); }} />
        <Slider label={say.arousal} low={-STEPS} high={STEPS} step={5} value={Math.round((details.arousal ?? 0) * STEPS)} change={(to) => { put({ arousal: to / STEPS }); }} />
        <Tags title={say.labels} offered={tagsOf(entries.value, "labels")} chosen={details.labels} change={(labels) => { put({ labels }); }} />
      </details>
    </div>
  );
}
