/** The names of the record kinds that this app writes or tells apart (docs/reference/kinds.md). No I/O. */

export const MOOD = "mindhaven/mood";
export const JOURNAL = "mindhaven/journal";
export const CHECKUP = "mindhaven/checkup";
export const PLAN = "mindhaven/plan";
export const SLEEP = "mindhaven/sleep";
export const CRAVING = "mindhaven/craving";
export const MINDFUL = "mindhaven/mindful";
export const MEDICINE = "mindhaven/medication";
export const REQUEST = "mindhaven/request";
export const HISTORY = "mindhaven/history";
