/**
 * A moment in which a page that has just come takes no tap: the second half of a double tap was meant for the page before.
 *
 * Does not: hold back keys and screen readers, which press what they name, or Exit and Help now, which stand outside.
 */

/** Systems take two taps within 300 ms for one double tap; nobody reads a question in that time. */
const SETTLE_MS = 350;
const SETTLING = "settling";

let timer = 0;

/** Call this with the press that leads to another page. */
export function settle(press: MouseEvent): void {
  if (press.detail === 0) return; // no pointer
  clearTimeout(timer);
  document.documentElement.classList.add(SETTLING);
  timer = window.setTimeout(() => {
    document.documentElement.classList.remove(SETTLING);
  }, SETTLE_MS);
}
