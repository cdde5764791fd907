/** Which questionnaire a check-up answers, as this program knows it. No I/O. */

import { NotFoundError } from "@mindhaven/crypto";
import { load, type Instrument } from "@mindhaven/kinds";

import type { JsonObject } from "../canonical.ts";
import { textOf } from "./model.ts";

/** Return the questionnaire of a check-up; null for a form that is not known, or another version with other words. */
export function instrumentOf(body: JsonObject): Instrument | null {
  try {
    const found = load(textOf(body["instrument"]));
    return found.version === body["version"] ? found : null;
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
}
