/** Looking for answers to one's invitations. */

import { api, attempt, refresh } from "../../app.ts";
import { fill } from "../../words.ts";
import { say } from "./words.ts";

/** Look for answers to one's invitations, and for what is new; return what came of it, or null if it failed. */
export async function lookForAnswers(): Promise<string | null> {
  let names: readonly string[] = [];
  const good = await attempt(async () => {
    names = await api().answers();
    await api().sync();
    await refresh();
  });
  if (!good) return null;
  return names.length > 0 ? fill(say.answered, { names: names.join(", ") }) : say.noAnswer;
}
