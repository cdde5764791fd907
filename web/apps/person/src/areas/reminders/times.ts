/** Times of day to be reminded at, as they are chosen. Pure. */

/** As many as the server takes; more would be an alarm clock. */
export const MOST = 8;
/** Where choosing begins. */
export const FIRST = "09:00";
const SHAPE = /^([01]\d|2[0-3]):[0-5]\d$/;

/** Return the times that can be sent: each once, in order; what is empty or half typed is left out. */
export function chosen(times: readonly string[]): string[] {
  return [...new Set(times.map((time) => time.slice(0, FIRST.length)).filter((time) => SHAPE.test(time)))].sort();
}

/** Return the times with one more, an hour after the last of the day; as they are if there are as many as may be. */
export function withOneMore(times: readonly string[]): string[] {
  if (times.length >= MOST) return [...times];
  const last = chosen(times).at(-1) ?? FIRST;
  const hour = (Number(last.slice(0, 2)) + 1) % 24;
  return [...times, times.length === 0 ? FIRST : `${String(hour).padStart(2, "0")}${last.slice(2)}`];
}

/** Return the bytes of a text in base64url, as browsers ask for a server's key. */
export function keyBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
}
