/** Files of an entry, sealed once more for a copy of it: under keys of their own, in the part that is shared. I/O: server. */

import type { Entry, Mindhaven } from "@mindhaven/sdk";

/** Return what a copy of `entry` in `part` holds of files; throws if one does not come whole. */
export async function filesFor(client: Mindhaven, entry: Entry, part: string): Promise<Entry["files"]> {
  const files = await client.files();
  const made = [];
  for (const [number, { name, mediaType }] of entry.files.entries()) {
    const bytes = await files.read(entry, number);
    made.push(await files.attach(part, new File([bytes], name, { type: mediaType })));
  }
  return made;
}
