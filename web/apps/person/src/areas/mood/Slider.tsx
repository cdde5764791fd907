/** A slider: the equal of every pad that is dragged, since it also takes keys. */

interface SliderProps {
  readonly label: string;
  readonly hint?: string;
  readonly low: number;
  readonly high: number;
  readonly step: number;
  readonly value: number;
  readonly change: (to: number) => void;
}

export function Slider({ label, hint, low, high, step, value, change }: SliderProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <input
        type="range"
        min={low}
        max={high}
        step={step}
        value={value}
        onInput={(event) => {
          change(event.currentTarget.valueAsNumber);
        }}
      />
      {hint !== undefined && <span class="soft small">{hint}</span>}
    </label>
  );
}
