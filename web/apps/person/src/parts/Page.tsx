/** One page: a title that takes the focus when the page comes, what went wrong, and the content. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { fault, openPage, signedOut, stage, unknownApp } from "../app.ts";
import { words } from "../words.ts";

/** What went wrong, said where the person looks; screen readers say it at once. */
export function Fault() {
  const shown = fault.value;
  return (
    <div role="alert">
      {shown !== null && (
        <div class="fault">
          <p>
            {shown.message} {shown.hint}
          </p>
          {shown.page !== undefined && (
            <button type="button" class="button" onClick={() => { openPage(shown.page ?? "histories"); }}>
              {words.look}
            </button>
          )}
          {signedOut.value && stage.value === "open" && (
            <button type="button" class="button" onClick={() => (stage.value = "join")}>
              {words.signInAgain}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

interface PageShown {
  readonly title: string;
  /** The title is no more than where one stands: small, above what is asked. */
  readonly quiet?: boolean;
  readonly children: ComponentChildren;
}

export function Page({ title, quiet = false, children }: PageShown) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, [title]);
  return (
    <main class="page">
      <h1 ref={heading} tabIndex={-1} class={quiet ? "quiet" : undefined}>
        {title}
      </h1>
      {unknownApp.value && (
        <p class="notice" role="alert">
          {words.unknownApp}
        </p>
      )}
      <Fault />
      {children}
    </main>
  );
}
