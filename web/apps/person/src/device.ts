/** What this device calls itself: a kind of device and browser, sealed to the account's own devices. */

interface Brand {
  readonly brand: string;
}

interface Agent {
  readonly brands: readonly Brand[];
  readonly platform: string;
  readonly mobile: boolean;
}

/** Return a name such as "Phone, Android": what the browser says of itself, nothing that is looked up. */
export function deviceName(): string {
  const agent = (navigator as { userAgentData?: Agent }).userAgentData;
  const small = agent?.mobile ?? matchMedia("(pointer: coarse)").matches;
  const system = agent?.platform ?? /Android|iPhone|iPad|Mac OS|Windows|Linux/.exec(navigator.userAgent)?.[0] ?? "";
  return [small ? "Phone" : "Computer", system].filter((one) => one !== "").join(", ");
}
