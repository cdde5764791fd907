/** The picture of a breath: a ring that grows and shrinks, or steps that fill and empty for whoever wants no movement. */

import type { ReadonlySignal } from "@preact/signals";

import { OUT_SECONDS, stepsAt, type Breath } from "./timing.ts";

/** The ring within its field of 200 by 200. */
const SMALLEST = 44;
const LARGEST = 92;
const STEP = { width: 26, height: 18, gap: 8 } as const;

/** Return the radius for lungs that are so full. */
export function radiusAt(full: number): number {
  return SMALLEST + (LARGEST - SMALLEST) * full;
}

interface RingProps {
  readonly radius: ReadonlySignal<number>;
  /** What stands in it: the count, and which way the breath goes. */
  readonly count: string;
  readonly word: string;
}

export function Ring({ radius, count, word }: RingProps) {
  return (
    <div class="breath" aria-hidden="true">
      <svg viewBox="0 0 200 200">
        <circle class="breath-rim" cx="100" cy="100" r={LARGEST + 4} />
        <circle class="breath-air" cx="100" cy="100" r={radius} />
      </svg>
      <p>
        {count !== "" && <strong>{count}</strong>}
        {word}
      </p>
    </div>
  );
}

export function Steps({ breath }: { breath: Breath }) {
  const filled = stepsAt(breath);
  const wide = OUT_SECONDS * (STEP.width + STEP.gap) - STEP.gap;
  const left = ((OUT_SECONDS - breath.of) * (STEP.width + STEP.gap)) / 2; // fewer steps stand in the middle
  return (
    <svg class="breath-steps" aria-hidden="true" viewBox={`-1 -1 ${String(wide + 2)} ${String(STEP.height + 2)}`}>
      {Array.from({ length: breath.of }, (_one, at) => (
        <rect
          key={at}
          x={left + at * (STEP.width + STEP.gap)}
          y="0"
          width={STEP.width}
          height={STEP.height}
          rx="4"
          fill={at < filled ? "currentColor" : "none"}
          stroke="currentColor"
        />
      ))}
    </svg>
  );
}
