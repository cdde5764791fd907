/** One real server for all tests of the SDK, in a process of its own on a port of its own. */

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    readonly server: string;
  }
}

export const ROOT = resolve(import.meta.dirname, "../../../../..");
/** The same program that the Python tests run: its text lies with them. */
const MAIN = "from tests.simulators.server import _MAIN\nexec(_MAIN)";
/** The log of events shows its growth at once: by the hour, as it does elsewhere, is longer than a test waits. */
const SETTINGS = {
  MINDHAVEN_SERVER_ORIGIN: "https://mindhaven.test",
  MINDHAVEN_SERVER_TRUSTED_PROXIES: "127.0.0.1",
  MINDHAVEN_LEDGER_PUBLISH_SECONDS: "1",
  // Named by a host that offers reminders; without it there are none. Nothing is due while these tests run.
  MINDHAVEN_PUSH_SERVICES: "fcm.googleapis.com",
};
const LISTENING = /^listening on (http:\/\/127\.0\.0\.1:\d+)$/;

/** A running server: where it answers, and how it ends. */
export interface Running {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Start a server on a directory of data; return once it answers. */
export async function start(data: string): Promise<Running> {
  const child = spawn(join(ROOT, ".venv/bin/python"), ["-c", MAIN, data, "0"], {
    cwd: ROOT,
    env: { ...process.env, ...SETTINGS },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<void>((done) => child.once("exit", () => { done(); }));
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise<string>((done, fail) => {
    lines.once("line", (line) => {
      const found = LISTENING.exec(line.trim());
      if (found?.[1] === undefined) fail(new Error(`the server said: ${line}`));
      else done(found[1]);
    });
    child.once("error", fail);
    child.once("exit", () => { fail(new Error("the server ended before it listened")); });
  });
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
  };
  return { url, stop };
}

/** Start the server before the first test; the returned function ends it after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "mindhaven-sdk-"));
  const { url, stop } = await start(join(folder, "data"));
  project.provide("server", url);
  return async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  };
}
