/** One field to type in: nothing that is typed here is changed, looked up or kept by the browser, unless it is prose. */

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly change: (text: string) => void;
  /** A line below, on what to type. */
  readonly hint?: string;
  /** Several lines. */
  readonly long?: boolean;
  /** Keys, rows and words that are to be copied sign by sign. */
  readonly mono?: boolean;
  /** Names and notes: the keyboard may begin them with a capital and look for slips. */
  readonly prose?: boolean;
  /** Not shown while it is typed. */
  readonly secret?: boolean;
  readonly autocomplete?: "off" | "username" | "current-password" | "one-time-code";
  readonly inputMode?: "text" | "numeric";
  readonly autocapitalize?: "none" | "characters";
  readonly required?: boolean;
  readonly maxLength?: number;
}

export function Field(props: FieldProps) {
  const { label, value, change, hint, long, mono, prose, secret, autocomplete = "off", ...more } = props;
  const typing = {
    class: mono === true ? "mono" : undefined,
    autocomplete,
    ...(prose === true ? {} : ({ autocapitalize: "none", spellcheck: false } as const)),
    ...more,
    value,
  };
  const typed = (event: { readonly currentTarget: { readonly value: string } }): void => {
    change(event.currentTarget.value);
  };
  return (
    <label class="field">
      <span>{label}</span>
      {long === true ? (
        <textarea {...typing} onInput={typed} />
      ) : secret === true ? (
        <input type="password" {...typing} onInput={typed} />
      ) : (
        <input type="text" {...typing} onInput={typed} />
      )}
      {hint !== undefined && <span class="soft small">{hint}</span>}
    </label>
  );
}
