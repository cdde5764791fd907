/**
 * Pairing: a signed-in device lets this one in, or this one another. I/O: the server. Implements spec/pairing.md.
 *
 * Guarantees: no way in is typed on the new device; neither side takes a key that the link does not name.
 */

import { InvalidInputError, pairing } from "@mindhaven/crypto";

import type { Access, Opened } from "./access.ts";
import type { Mindhaven } from "./client.ts";
import { toText } from "./ids.ts";
import { Reader } from "./read.ts";
import type { Transport } from "./transport.ts";

/** Both sides of letting a device in. */
export class Pairing {
  readonly #access: Access;
  readonly #transport: Transport;

  constructor(client: Mindhaven) {
    this.#access = client.access;
    this.#transport = client.vault.transport;
  }

  // -- the new device

  /** Wait at the server from now on, for ten minutes; the link of what is returned is to be shown. */
  async begin(): Promise<pairing.NewDevice> {
    if (this.#access.me !== null) {
      throw new InvalidInputError("This device has an account already.", { code: "store-exists" });
    }
    const fresh = await pairing.NewDevice.fresh();
    const device = pairing.encodeDevice(fresh.device);
    await this.#transport.call("POST", "/v1/pairings", { device }, { open: true });
    return fresh;
  }

  /** Return the link of a device that waits. */
  linkOf(fresh: pairing.NewDevice): string {
    return fresh.link.text(this.#transport.origin);
  }

  /**
   * Ask once whether this device was let in; take the account up if so.
   *
   * Throws `IntegrityError`: pairing-mac (an account that the server made), bundle-mismatch and what else step 6 names;
   * `NotFoundError` (pairing-unknown) when the time is over.
   */
  async answered(fresh: pairing.NewDevice, device: string): Promise<boolean> {
    const path = `/v1/pairings/${toText(fresh.id)}/answer`;
    const found = new Reader(await this.#transport.call("GET", path, undefined, { open: true }));
    const answer = found.bytesOrNull("answer");
    const session = found.bytesOrNull("session", 16);
    if (answer === null || session === null) return false;
    const { uid, bundle } = await pairing.openAnswer(fresh, answer);
    await this.#access.adopt({ uid, bundle, session, signer: fresh.session }, fresh.sessionSeed, device);
    return true;
  }

  // -- the signed-in device

  /**
   * Let the device in whose link this is, by a way in that was opened on this device within ten minutes.
   *
   * Throws `IntegrityError` (pairing-device) if the server shows another key than the link names.
   */
  async letIn(text: string, opened: Opened): Promise<void> {
    const { uid } = this.#access.needMe();
    const link = pairing.PairingLink.parse(text);
    const path = `/v1/pairings/${toText(link.id)}`;
    const shown = new Reader(await this.#transport.call("GET", path));
    const device = pairing.decodeDevice(shown.bytes("device"));
    const answer = await pairing.letIn(link, device, uid, await this.#access.wholeBundle(opened));
    await this.#transport.call("POST", `${path}/answer`, { answer });
  }
}
