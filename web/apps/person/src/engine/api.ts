/** The page's side of the engine: typed calls to the worker. I/O: messages. */

import { Line, type Said } from "@mindhaven/sdk/browser";

import type { Methods } from "./worker.ts";

type Asked<F> = F extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never;

/** What the page may ask of the engine; every answer is a promise. */
export type Api = { readonly [M in keyof Methods]: Asked<Methods[M]> };

/** Return the engine behind a worker; `news` is told "ready" or "elsewhere", and what changed by itself. */
export function apiOf(worker: Worker, news: (what: string) => void): Api {
  const line = new Line((call) => {
    worker.postMessage(call);
  }, news);
  worker.onmessage = (event: MessageEvent<Said>) => {
    line.take(event.data);
  };
  return new Proxy({} as Api, {
    get:
      (_target, method) =>
      (...args: unknown[]) =>
        line.call(String(method), args),
  });
}
