/**
 * Reminders of this device: an empty push at times of the day. I/O: server and local store.
 *
 * Guarantees: the server gets the address that the browser gave, and minutes of the day in UTC; what was chosen stays on
 * this device, and is told anew when the clock here moves against UTC or the server has fewer left to send. Does not: ask
 * the browser for anything, know what a reminder is for, or fail a sync.
 */

import { MindhavenError, decode, encode, equal, shape } from "@mindhaven/crypto";

import type { Mindhaven } from "./client.ts";
import { Reader } from "./read.ts";

const PATH = "/v1/reminder";
const ROW = "reminder";
const SESSION_BYTES = 16;
const DAY_MINUTES = 1440;
const HOUR_MINUTES = 60;
/** As many as the server takes. */
export const MOST_TIMES = 8;
/** What the server sends before the app has to be opened again. */
const ALL_LEFT = 3;
/** How often it is looked whether the server has all of them left; while this is unlocked it counts as opened. */
const LOOK_EVERY_MS = 600_000;
const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;
/** Said by a server that sends none, may not call this browser's push service any more, or was told no. */
const OVER: ReadonlySet<string> = new Set(["reminders-off", "push-service", "reminders-not-allowed"]);

/** A device's reminders as the server has them; `since` in seconds since 1970 UTC, by the hour. */
export interface ReminderAtServer {
  readonly here: boolean;
  readonly service: string;
  /** Minutes of the day, in UTC. */
  readonly minutes: readonly number[];
  readonly left: number;
  readonly since: number;
}

/** What this device chose: times of the day here (hh:mm). `ended`: they came to an end that nobody here asked for. */
export interface Chosen {
  readonly endpoint: string;
  readonly times: readonly string[];
  readonly ended: boolean;
}

interface Kept extends Chosen {
  /** The session under which they were told to the server. */
  readonly session: Uint8Array;
}

/** When each of these was last looked at. */
const looked = new WeakMap<Mindhaven, number>();

/** Return times of the day here as minutes of the day in UTC, in order; `offset` as `Date.getTimezoneOffset` gives it. */
export function utcMinutes(times: readonly string[], offset: number): number[] {
  const minutes = times.map((time) => {
    const [, hour, minute] = TIME.exec(time) ?? [];
    if (hour === undefined || minute === undefined) throw new TypeError("a time is hh:mm");
    return (((Number(hour) * HOUR_MINUTES + Number(minute) + offset) % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES;
  });
  return [...new Set(minutes)].sort((one, other) => one - other);
}

/** The reminders of one device. */
export class Reminders {
  readonly #client: Mindhaven;

  constructor(client: Mindhaven) {
    this.#client = client;
  }

  /** Return the server's public key for push services (base64url); null: this server sends no reminders. */
  async key(): Promise<string | null> {
    try {
      return new Reader(await this.#call("GET", `${PATH}/key`)).text("key");
    } catch (error) {
      if (isOver(error)) return null;
      throw error;
    }
  }

  /** Return what this device chose; null: nothing. */
  chosen(): Chosen | null {
    return this.#kept();
  }

  /** Return every device of this person that has reminders at the server. */
  async all(): Promise<ReminderAtServer[]> {
    return new Reader(await this.#call("GET", PATH)).list("devices", (value) => {
      const one = new Reader(value);
      one.bytes("session", SESSION_BYTES);
      return {
        here: one.flag("here"),
        service: one.text("service"),
        minutes: one.list("minutes", (minute) => new Reader({ minute }).number("minute")),
        left: one.number("left"),
        since: one.number("since"),
      };
    });
  }

  /** Remind this device from now on. Throws `DeniedError` (push-service) if the server may not call that service. */
  async put({ endpoint, times }: Pick<Chosen, "endpoint" | "times">): Promise<void> {
    await this.#call("PUT", PATH, { endpoint, minutes: this.#minutes(times) });
    this.#keep({ endpoint, times, ended: false, session: this.#client.access.needMe().session });
    await this.#client.store.saved();
  }

  /** Remind this device no more. */
  async end(): Promise<void> {
    await this.#call("DELETE", PATH);
    this.#client.store.remove(ROW);
    await this.#client.store.saved();
  }

  /** Tell the server anew what it lacks: after a sync. What fails is tried again after a later one. */
  async again(): Promise<void> {
    const kept = this.#kept();
    if (kept === null || kept.ended) return;
    const now = this.#client.now();
    if (now - (looked.get(this.#client) ?? 0) < LOOK_EVERY_MS) return;
    try {
      if (await this.#lacks(kept)) await this.put(kept);
      looked.set(this.#client, now);
    } catch (error) {
      if (!(error instanceof MindhavenError)) throw error;
      if (isOver(error)) this.#keep({ ...kept, ended: true });
    }
  }

  async #lacks(kept: Kept): Promise<boolean> {
    const there = (await this.all()).find(({ here }) => here);
    if (there !== undefined) {
      return there.left < ALL_LEFT || there.minutes.join() !== this.#minutes(kept.times).join();
    }
    if (!equal(kept.session, this.#client.access.needMe().session)) return true; // signed in anew since
    this.#keep({ ...kept, ended: true });
    return false;
  }

  #minutes(times: readonly string[]): number[] {
    return utcMinutes(times, new Date(this.#client.now()).getTimezoneOffset());
  }

  #keep({ endpoint, times, ended, session }: Kept): void {
    this.#client.store.put(ROW, encode([endpoint, [...times], ended ? 1 : 0, session]));
  }

  #kept(): Kept | null {
    const row = this.#client.store.get(ROW);
    if (row === null) return null;
    const [endpoint, times, ended, session] = shape.fields(decode(row), 4, "A reminder");
    return {
      endpoint: shape.text(endpoint, "An address"),
      times: shape.items(times, "Times", { most: MOST_TIMES }).map((time) => shape.text(time, "A time")),
      ended: ended === 1,
      session: shape.raw(session, "A session"),
    };
  }

  #call(method: string, path: string, body?: unknown): Promise<unknown> {
    return this.#client.vault.transport.call(method, path, body);
  }
}

function isOver(error: unknown): boolean {
  return error instanceof MindhavenError && OVER.has(error.reason);
}
