/** A column map, as the importer takes it, from what somebody chose for each column of a table. Pure; no I/O. */

/** What a column may be. */
export const MEANINGS = ["none", "day", "time", "moment", "mood", "note", "activities", "title", "text"] as const;
export type Meaning = (typeof MEANINGS)[number];
/** How days may be written: by their name here, and as the map has it. */
export const DAY_FORMS = { iso: "", dots: "%d.%m.%Y", slashes: "%d/%m/%Y", american: "%m/%d/%Y" } as const;
export type DayForm = keyof typeof DAY_FORMS;
/** What stands between the tags of one cell; a comma has to be quoted in a map. */
export const BETWEEN = { "|": "|", ",": '","', ";": ";" } as const;
export type Between = keyof typeof BETWEEN;

export interface Choice {
  /** What each column is, in their order. */
  readonly meanings: readonly Meaning[];
  readonly dayForm: DayForm;
  /** The numbers of the worst and of the best mood. */
  readonly worst: string;
  readonly best: string;
  readonly between: Between;
}

/** Why a choice makes no map yet. */
export type Lack = "day" | "content" | "twice" | "moodEnds" | "titleAlone" | "moodAlone";

const TARGETS: Readonly<Record<Exclude<Meaning, "none">, string>> = {
  day: "date",
  time: "time",
  moment: "created_at",
  mood: "mood.valence",
  note: "mood.note",
  activities: "mood.activities",
  title: "journal.title",
  text: "journal.text",
};
const WHOLE = /^-?\d+(?:[.,]\d+)?$/;

/** Tell whether a column can be named in a map: its quotation marks could not be told from those of the map. */
export function canBeNamed(name: string): boolean {
  return name !== "" && !name.includes('"');
}

/** Return what the choice lacks; null: it makes a map. */
export function lackOf({ meanings, worst, best }: Choice): Lack | null {
  const chosen: readonly Meaning[] = meanings.filter((one) => one !== "none");
  const has = (one: Meaning): boolean => chosen.includes(one);
  if (new Set(chosen).size < chosen.length || (has("day") && has("moment"))) return "twice";
  if (!has("day") && !has("moment")) return "day";
  if (!has("mood") && (has("note") || has("activities"))) return "moodAlone";
  if (!has("text") && has("title")) return "titleAlone";
  if (!has("mood") && !has("text")) return "content";
  const ends = [worst.trim(), best.trim()];
  if (has("mood") && (!ends.every((one) => WHOLE.test(one)) || Number(ends[0]) === Number(ends[1]))) return "moodEnds";
  return null;
}

/** Return the map of a choice that lacks nothing. */
export function mapOf(names: readonly string[], choice: Choice): string {
  const pairs = choice.meanings.flatMap((meaning, place) => {
    const name = names[place] ?? "";
    return meaning === "none" || !canBeNamed(name) ? [] : [`"${name}"=${TARGETS[meaning]}${howOf(meaning, choice)}`];
  });
  return pairs.join(", ");
}

function howOf(meaning: Meaning, { dayForm, worst, best, between }: Choice): string {
  const plain = (text: string): string => text.trim().replace(",", ".");
  if (meaning === "day" && DAY_FORMS[dayForm] !== "") return `:${DAY_FORMS[dayForm]}`;
  if (meaning === "moment" && DAY_FORMS[dayForm] !== "") return `:${DAY_FORMS[dayForm]} %H:%M`;
  if (meaning === "mood") return `:${plain(worst)}..${plain(best)}`;
  return meaning === "activities" ? `:${BETWEEN[between]}` : "";
}
