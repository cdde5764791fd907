/** Views that are fetched when somebody opens them: few are needed first, and the service worker keeps all of them. */

import { signal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import { useEffect } from "preact/hooks";

import { fault } from "../app.ts";
import { words } from "../words.ts";
import { Fault } from "./Page.tsx";

/** A view that is fetched when it is shown, or before, by `fetch`. */
export type Lazy<P> = FunctionComponent<P> & { readonly fetch: () => Promise<void> };

/** Return a component that is loaded when it is first shown; `within`: it is a part of a page, and nothing until then. */
export function lazy<P extends object>(load: () => Promise<FunctionComponent<P>>, within = false): Lazy<P> {
  const found = signal<{ readonly Loaded: FunctionComponent<P> } | null>(null);
  const fetch = async (): Promise<void> => {
    found.value ??= { Loaded: await load() };
  };
  function Shown(props: P) {
    useEffect(() => {
      void fetch().catch(() => {
        fault.value = { message: words.notHere, hint: words.notHereHint };
      });
    }, []);
    if (found.value === null && within) return null;
    if (found.value === null) {
      return (
        <main class="page" aria-busy="true">
          <Fault />
        </main>
      );
    }
    const { Loaded } = found.value;
    return <Loaded {...props} />;
  }
  return Object.assign(Shown, { fetch });
}
