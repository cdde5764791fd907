/**
 * Where Exit leads if the person chose no page: what the host named. Loaded once after each start, on whichever page
 * stands then. I/O: asks this server, without a cookie or a token and for everybody the same.
 */

import { HOST } from "./comforts.ts";

async function ask(): Promise<void> {
  const answer = await fetch("/exit.json", { credentials: "omit" });
  const { address } = (await answer.json()) as { readonly address?: unknown };
  if (typeof address === "string") localStorage.setItem(HOST, address);
}

void ask().catch(() => undefined); // offline: the last answer counts
