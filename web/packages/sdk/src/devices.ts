/** The devices of an account, and leaving for good. I/O: server. */

import { openBox } from "@mindhaven/crypto";

import type { Access } from "./access.ts";
import { toText } from "./ids.ts";
import { Reader } from "./read.ts";
import type { Transport } from "./transport.ts";

/** One signed-in device, by the name that it gave itself. Times are rounded to the hour, seconds since 1970. */
export interface Device {
  readonly session: Uint8Array;
  readonly name: string;
  readonly firstSeenAt: number;
  readonly lastSeenAt: number;
  readonly here: boolean;
}

/** What happened to devices and ways in; `at` in seconds since 1970, by the hour. An unknown `what` is left out. */
export interface RecentAct {
  readonly what: RecentKind;
  readonly at: number;
}

const RECENT = [
  "device",
  "keys",
  "waiting",
  "cancelled",
  "code",
  "passkey-added",
  "passkey-removed",
  "passkey-factor",
  "passkey-noticed",
] as const;
export type RecentKind = (typeof RECENT)[number];

/** The devices of one account. */
export class Devices {
  readonly #transport: Transport;
  readonly #access: Access;

  constructor(transport: Transport, access: Access) {
    this.#transport = transport;
    this.#access = access;
  }

  /** Return the signed-in devices, the oldest first. */
  async all(): Promise<Device[]> {
    const { nameKey } = this.#access.needMe();
    const answer = new Reader(await this.#transport.call("GET", "/v1/sessions"));
    const rows = answer.list("sessions", (one) => new Reader(one));
    const devices = await Promise.all(
      rows.map(async (row) => ({
        session: row.bytes("session", 16),
        name: await openName(nameKey, row.bytes("device_name")),
        firstSeenAt: row.number("first_seen_at"),
        lastSeenAt: row.number("last_seen_at"),
        here: row.flag("here"),
      })),
    );
    return devices.sort((one, other) => one.firstSeenAt - other.firstSeenAt);
  }

  /** Return what happened to devices and ways in within thirty days, the newest first; nobody can clear it. */
  async recent(): Promise<RecentAct[]> {
    const answer = new Reader(await this.#transport.call("GET", "/v1/account/recent"));
    const acts = answer.list("acts", (one) => {
      const act = new Reader(one);
      return { what: RECENT.find((known) => known === act.text("what")), at: act.number("at") };
    });
    return acts.flatMap(({ what, at }) => (what === undefined ? [] : [{ what, at }]));
  }

  /** Sign another device out; a way in must have been opened on this one within ten minutes. */
  async end(session: Uint8Array): Promise<void> {
    await this.#transport.call("DELETE", `/v1/sessions/${toText(session)}`);
  }

  /**
   * Erase the account; a way in must have been opened on this device within ten minutes.
   *
   * What it returns `Receipts.erasure` reads: what stays and why, and the proof that it was done.
   */
  async eraseAccount(): Promise<unknown> {
    const receipt = await this.#transport.call("POST", "/v1/account/erasure");
    this.#transport.useToken(null);
    return receipt;
  }
}

/** Return a name that was sealed to the account's own devices, "" if it does not open. */
export async function openName(nameKey: Uint8Array, sealed: Uint8Array): Promise<string> {
  if (sealed.length === 0) return "";
  try {
    return new TextDecoder().decode(await openBox(nameKey, "device-name", new Uint8Array(0), sealed));
  } catch {
    return "";
  }
}
