/**
 * The rules of a collection's chain: who may sign what, judged by the server and by every client alike.
 *
 * Implements spec/chain.md. A state is only ever reached through commits that every rule allows, judged against the
 * members in force before them. Does not: fetch anything; what it must know of items comes through `Facts`.
 */

export { verifyAuthor, verifySigned } from "./chain/author.ts";
export { begin, judge } from "./chain/judge.ts";
export {
  ChainState,
  type Facts,
  HeadError,
  type ItemState,
  MAX_STATE_EPOCHS,
  RuleError,
} from "./chain/state.ts";
export type { Judged } from "./chain/work.ts";
export { gains } from "./member.ts";
