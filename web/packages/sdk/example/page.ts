/** The page of the example: what is typed goes to `notes`, what it returns is shown. */

import type { Mindhaven } from "@mindhaven/sdk";

import { begin, open, read, write } from "./notes.ts";

let mine: Mindhaven | null = null;

function part<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`the page has no ${id}`);
  return found;
}

const words = part("words", HTMLInputElement);
const text = part("text", HTMLTextAreaElement);
const said = part("said", HTMLParagraphElement);

function list(id: string, lines: readonly string[]): void {
  const items = lines.map((line) => {
    const item = document.createElement("li");
    item.textContent = line;
    return item;
  });
  part(id, HTMLElement).replaceChildren(...items);
}

function show(): void {
  if (mine === null) return;
  part("opening", HTMLFormElement).hidden = true;
  part("notes", HTMLElement).hidden = false;
  list("list", read(mine));
}

/** Do something when a form is sent; what goes wrong stands on the page, and nothing that was typed is lost. */
function onSend(id: string, act: () => Promise<void>): void {
  part(id, HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    said.textContent = "Working …";
    void act().then(
      () => (said.textContent = ""),
      (error: unknown) => (said.textContent = error instanceof Error ? error.message : String(error)),
    );
  });
}

onSend("opening", async () => {
  mine = await open(words.value);
  if (mine === null) {
    const begun = await begin(words.value);
    mine = begun.mine;
    list("spare", begun.spareKey);
    part("spare-key", HTMLElement).hidden = false;
  }
  show();
});

onSend("writing", async () => {
  if (mine === null) return;
  await write(mine, text.value).finally(show); // it is here, also if it could not be sent
  text.value = "";
});
