/** What a server promised when an account was erased. No I/O but loading what reads it. */

import { IntegrityError, hex } from "@mindhaven/crypto";
import type { Mindhaven } from "@mindhaven/sdk";

import type { ErasedShown } from "./shown.ts";

/** Return the receipt in an erasure's answer; null for an answer that holds none: the account is gone all the same. */
export async function erasedShown(client: Mindhaven, answer: unknown): Promise<ErasedShown | null> {
  const receipts = await client.receipts().catch(() => null); // its part of the app could not be loaded
  if (receipts === null) return null;
  try {
    const { receipt, backupsUntilDay, kept } = receipts.erasure(answer);
    const { at, seq, commitment, position } = receipt;
    return { at, seq, commitment: hex(commitment), position, backupsUntilDay, kept };
  } catch (error) {
    if (error instanceof IntegrityError) return null;
    throw error;
  }
}
