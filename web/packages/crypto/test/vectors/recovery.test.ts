import { MindhavenError, recovery, SlotSecret } from "../../src/index.ts";
import { type Inputs, runVectors } from "./harness.ts";

/** Vectors name the row that holds the slip; the error says it to people, in its message. */
function doRead(x: Inputs): unknown {
  try {
    return { key: recovery.parse(x.text("text")).bytes };
  } catch (error) {
    if (error instanceof MindhavenError && error.reason === "recovery-row") {
      Object.assign(error, { row: Number(error.message.split(" ")[1]) });
    }
    throw error;
  }
}

runVectors("recovery", {
  write: (x) => {
    const key = new SlotSecret(x.raw("key"));
    return { rows: recovery.rows(key), lookup: recovery.lookupId(key) };
  },
  read: doRead,
  row: (x) => ({ good: recovery.checkRow(x.number("number"), x.text("row")) }),
});
