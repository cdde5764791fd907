/** Every area of the app by name, each fetched when it is opened. A new page is one line here. */

import { lazy } from "../parts/lazy.tsx";

/** What a page within a view is given: how to leave it. */
export interface PageProps {
  readonly done: () => void;
}

export const FirstRun = lazy(async () => (await import("./first/FirstRun.tsx")).FirstRun);
export const SignIn = lazy(async () => (await import("./join/SignIn.tsx")).SignIn);
export const LetIn = lazy(async () => (await import("./join/LetIn.tsx")).LetIn);

export const LookBack = lazy(async () => (await import("./back/LookBack.tsx")).LookBack);
export const Plan = lazy(async () => (await import("./plan/Plan.tsx")).Plan);
export const People = lazy(async () => (await import("./people/People.tsx")).People);
export const You = lazy(async () => (await import("./you/You.tsx")).You);

/**
 * Fetch what has to open in one tap from the first minute on, also without a network: the service worker of a new device
 * may not have kept everything yet. What fails is fetched when it is opened.
 */
export function fetchViews(): void {
  for (const one of [Plan, LookBack, People, You, PAGES.checkups, PAGES.calm]) void one.fetch().catch(() => undefined);
}

/** The rows of check-ups that others ask for, fetched only where somebody asks. */
export const CheckupsAsked = lazy<{ of?: string }>(async () => (await import("./checkups/Asked.tsx")).Asked, true);
/** The rows of reminders on Today, fetched only where there are some. */
export const MedicineDue = lazy(async () => (await import("./medicine/Due.tsx")).Due, true);
export const Gone = lazy(async () => (await import("./you/Gone.tsx")).Gone);

/** Pages that open from a view and lead back to it. */
export const PAGES = {
  patterns: lazy<PageProps>(async () => (await import("./back/Patterns.tsx")).Patterns),
  summary: lazy<PageProps>(async () => (await import("./back/Summary.tsx")).Summary),
  journal: lazy<PageProps>(async () => (await import("./journal/Journal.tsx")).Journal),
  journalEntry: lazy<PageProps>(async () => (await import("./journal/JournalEntry.tsx")).JournalEntry),
  locked: lazy<PageProps>(async () => (await import("./locked/Locked.tsx")).Locked),
  moodEntry: lazy<PageProps>(async () => (await import("./mood/MoodEntry.tsx")).MoodEntry),
  planEdit: lazy<PageProps>(async () => (await import("./plan/PlanEdit.tsx")).PlanEdit),
  calm: lazy<PageProps>(async () => (await import("./calm/Calm.tsx")).Calm),
  ground: lazy<PageProps>(async () => (await import("./calm/Ground.tsx")).Ground),
  rest: lazy<PageProps>(async () => (await import("./calm/Rest.tsx")).Rest),
  medicines: lazy<PageProps>(async () => (await import("./medicine/Medicines.tsx")).Medicines),
  medicine: lazy<PageProps>(async () => (await import("./medicine/Medicine.tsx")).Medicine),
  medicineEdit: lazy<PageProps>(async () => (await import("./medicine/MedicineEdit.tsx")).MedicineEdit),
  history: lazy<PageProps>(async () => (await import("./history/History.tsx")).History),
  historyEdit: lazy<PageProps>(async () => (await import("./history/HistoryEdit.tsx")).HistoryEdit),
  histories: lazy<PageProps>(async () => (await import("./histories/Histories.tsx")).Histories),
  choices: lazy<PageProps>(async () => (await import("./choices/Choices.tsx")).Choices),
  reminders: lazy<PageProps>(async () => (await import("./reminders/Reminders.tsx")).Reminders),
  checkups: lazy<PageProps>(async () => (await import("./checkups/Checkups.tsx")).Checkups),
  finish: lazy<PageProps>(async () => (await import("./first/Finish.tsx")).Finish),
  safety: lazy<PageProps>(async () => (await import("./safety/Safety.tsx")).Safety),
  practice: lazy<PageProps>(async () => (await import("./safety/Practice.tsx")).Practice),
  waysIn: lazy<PageProps>(async () => (await import("./you/WaysIn.tsx")).WaysIn),
  access: lazy<PageProps>(async () => (await import("./access/Access.tsx")).Access),
  serverSees: lazy<PageProps>(async () => (await import("./seen/Seen.tsx")).Seen),
  take: lazy<PageProps>(async () => (await import("./take/Take.tsx")).Take),
  import: lazy<PageProps>(async () => (await import("./import/Import.tsx")).Import),
  review: lazy<PageProps>(async () => (await import("./review/Review.tsx")).Review),
  leave: lazy<PageProps>(async () => (await import("./you/Leave.tsx")).Leave),
} as const;

export type PageName = keyof typeof PAGES;
