/** Parts of the engine that a page enters and leaves: each is loaded when it is entered, and forgotten when it is left. */

import type { Mindhaven } from "@mindhaven/sdk";

import type { Desk } from "./desk.ts";
import type { House } from "./doors.ts";

/** What a room is given. */
export interface Floor {
  /** Return the client; throws (locked) if nothing is unlocked. */
  readonly open: () => Mindhaven;
  readonly desk: Desk;
  readonly house: House;
}

type Room = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>;

const ROOMS = {
  code: () => import("./code.ts"),
  histories: () => import("./histories.ts"),
  locker: () => import("./locker.ts"),
  settled: () => import("./settled.ts"),
  spare: () => import("./newspare.ts"),
  standing: () => import("./standing.ts"),
};

export type RoomName = keyof typeof ROOMS;

export class Rooms {
  readonly #floor: Floor;
  #entered: Partial<Record<RoomName, Room>> = {};

  constructor(floor: Floor) {
    this.#floor = floor;
  }

  /** Do one of a room's acts, by its name. */
  async act(room: RoomName, name: string, args: readonly unknown[]): Promise<unknown> {
    this.#floor.open();
    const there = this.#entered; // what was asked before somebody left is done in the room that they left
    const { enter } = await ROOMS[room]();
    const entered = (there[room] ??= enter(this.#floor) as unknown as Room);
    return entered[name]?.(...args);
  }

  /** Leave them all: what they held is gone. */
  leave(): void {
    this.#entered = {};
  }
}
