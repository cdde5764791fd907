import { expect } from "vitest";

import { attack } from "./support/play.ts";
import { another, collection, notes, onPage, person, wrote, type Page } from "./support/world.ts";

function withhold(page: Page): Page {
  const last = page[2].at(-1);
  if (last !== undefined) last[1] = [null];
  return page;
}

attack("a record withheld without an erasure", async (play) => {
  const ana = await person();
  await wrote(ana, "first", "second", "third");
  const laptop = await another(ana);
  laptop.wire.change = onPage(collection(ana), withhold);
  await play.lie(() => laptop.client.sync());
  expect(notes(laptop)).toEqual(["! withheld", "first", "second"]);
  laptop.wire.change = null;
  await play.honest(() => laptop.client.sync());
  expect(notes(laptop)).toEqual(["first", "second", "third"]);
  const other = await another(ana);
  other.wire.change = onPage(collection(ana), withhold);
  await play.off(() => other.client.sync());
  expect(notes(other)).toEqual(["! withheld", "first", "second"]);
});
