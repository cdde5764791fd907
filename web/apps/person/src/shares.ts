/** What the page and the worker both know of shares. No I/O. */

/** Parts made of copies, to share single entries, begin like this, followed by what tells them apart. */
export const COPIES = "copies/";
/** Parts with which somebody asks for check-ups begin like this (docs/reference/kinds.md). */
export const ASKED = "asked/";
/** How long before its end a share is told of: long enough to renew it. */
export const ENDS_SOON_DAYS = 7;
