/** Letting the server know the passkey that a first run began with. I/O: the browser's passkeys. */

import type { Key } from "@mindhaven/sdk/browser";

import { api } from "../../app.ts";
import { deviceName } from "../../device.ts";
import { passkeyProof } from "../../passkeys.ts";
import { fill, words } from "../../words.ts";

/**
 * Let the server know it, by using it once; `key` opens a way in once more (null: one was opened just now).
 *
 * Throws the browser's own `NotAllowedError` if the person said no: then it can be done later.
 */
export async function introduce(key: Key | null): Promise<void> {
  const asked = await api().startIntroduction(key);
  if (asked === null) return;
  const used = await passkeyProof(asked.challenge, [asked.credential]);
  await api().introduce(used, fill(words.passkeyOf, { device: deviceName() }));
}
