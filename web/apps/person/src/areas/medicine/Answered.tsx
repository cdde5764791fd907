/** The line after an answer: it stays, and the answer can be taken back. */

import { words } from "../../words.ts";
import { takeAway } from "./answering.ts";

export function Answered({ item, done }: { item: string; done: () => void }) {
  const undo = async (): Promise<void> => {
    if (await takeAway(item)) done();
  };
  return (
    <div class="notice">
      <p role="status">{words.savedHere}</p>
      <button type="button" class="button" onClick={() => void undo()}>
        {words.undo}
      </button>
    </div>
  );
}
