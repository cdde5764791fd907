/** Icons and faces, drawn here: line drawings on a 24 grid in the colour of the text. */

const ICONS = {
  today: "M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
  back: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4M8 14h2M14 14h2",
  plan: "M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h5",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.6a3.5 3.5 0 0 1 0 6.3M18 14.5a6.5 6.5 0 0 1 3.5 5.5",
  you: "M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 21a7.5 7.5 0 0 1 15 0",
} as const;

export type IconName = keyof typeof ICONS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">
      <path d={ICONS[name]} />
    </svg>
  );
}

const MOUTHS = ["M7.5 17q4.5-5 9 0", "M8 16.5q4-2.6 8 0", "M8 15.8h8", "M8 15q4 2.8 8 0", "M7.5 14.2q4.5 5.4 9 0"];
/** The marks of the five moods, very low first: paths on a 24 grid. */
export const MARKS = ["M2 3h20L12 22z", "M1 7a11 11 0 0 0 22 0z", "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z", "M1 17a11 11 0 0 1 22 0z", "M2 21h20L12 2z"];

/** The face of a mood, 0 (very low) to 4 (very good). */
export function Face({ mood }: { mood: number }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" class={`mood-${String(mood + 1)}`} fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round">
      <circle cx="12" cy="12" r="10" />
      <path d={MOUTHS[mood] ?? ""} />
      <path d="M8.6 9.2v.4M15.4 9.2v.4" stroke-width="2.2" />
    </svg>
  );
}

/** The mark of a mood in lists: a shape of its own for each, so that colour is never all. */
export function Mark({ mood }: { mood: number }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" class={`mood-${String(mood + 1)}`} fill="currentColor">
      <path d={MARKS[mood] ?? ""} />
    </svg>
  );
}
