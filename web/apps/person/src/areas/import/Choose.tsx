/** One of several, in a list that opens. */

interface ChooseProps {
  readonly label: string;
  readonly hint?: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly value: string;
  readonly change: (value: string) => void;
}

export function Choose({ label, hint, options, value, change }: ChooseProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select
        value={value}
        onChange={(event) => {
          change(event.currentTarget.value);
        }}
      >
        {options.map(([one, text]) => (
          <option key={one} value={one}>
            {text}
          </option>
        ))}
      </select>
      {hint !== undefined && <span class="soft small">{hint}</span>}
    </label>
  );
}
