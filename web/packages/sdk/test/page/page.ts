/** A page that keeps the files that are chosen: for tests/browser/test_files.py, which chooses them in a real browser. */

import { hex } from "@mindhaven/crypto";
import type { Mindhaven } from "@mindhaven/sdk";

import { begin, open } from "../../example/notes.ts";

const WORDS = "brass kettle under the stairs";

function part(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new TypeError(`the page has no ${id}`);
  return found;
}

function say(text: string): void {
  part("said").textContent = text;
}

/** Show the name, size and SHA-256 of every file that this account keeps, as the server gives it. */
async function show(mine: Mindhaven): Promise<void> {
  const files = await mine.files();
  const lines: string[] = [];
  for (const entry of mine.entries.all({ kind: "org.example/paper" })) {
    const whole = await (await files.read(entry)).arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
    lines.push(`${entry.files[0]?.name ?? ""} ${String(whole.byteLength)} ${hex(digest)}`);
  }
  part("read").replaceChildren(
    ...lines.map((line) => {
      const one = document.createElement("li");
      one.textContent = line;
      return one;
    }),
  );
}

async function keep(mine: Mindhaven, file: File): Promise<void> {
  const files = await mine.files();
  const reference = await files.attach("papers", file, (done, all) => {
    say(`${String(done)} of ${String(all)}`);
  });
  const record = { kind: "org.example/paper", version: 1, createdAt: Date.now(), zone: "UTC", body: { text: file.name } };
  mine.entries.add(record, "papers", [reference]);
  await mine.sync();
}

async function started(): Promise<void> {
  const mine = (await open(WORDS)) ?? (await begin(WORDS)).mine;
  await mine.sync();
  await show(mine);
  say("ready");
  part("file").addEventListener("change", (event) => {
    const [file] = (event.target as HTMLInputElement).files ?? [];
    if (file === undefined) return;
    keep(mine, file)
      .then(() => show(mine))
      .then(
        () => {
          say("kept");
        },
        (error: unknown) => {
          say(error instanceof Error ? error.message : "It did not work.");
        },
      );
  });
}

void started();
