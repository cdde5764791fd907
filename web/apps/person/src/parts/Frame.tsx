/** The frame of every screen: Exit first, Help now always in its place, the bar below or beside. */

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import { fault, view, visit, type View } from "../app.ts";
import { leavePage, watchShift } from "../exit.ts";
import { words } from "../words.ts";
import { Icon, type IconName } from "./Icon.tsx";

const HELP = "/app/help.html";
const TABS: readonly { id: View; icon: IconName; word: string }[] = [
  { id: "today", icon: "today", word: words.today },
  { id: "back", icon: "back", word: words.lookBack },
  { id: "people", icon: "people", word: words.people },
  { id: "you", icon: "you", word: words.you },
];

function show(id: View): void {
  fault.value = null;
  view.value = id;
  visit.value += 1;
  scrollTo(0, 0);
}

function Bar() {
  return (
    <nav class="bar" aria-label={words.main}>
      {TABS.map((tab) => (
        <button
          key={tab.id}
          type="button"
          aria-current={view.value === tab.id ? "page" : undefined}
          onClick={() => {
            show(tab.id);
          }}
        >
          <Icon name={tab.icon} />
          {tab.word}
        </button>
      ))}
    </nav>
  );
}

export function Frame({ bar, children }: { bar: boolean; children: ComponentChildren }) {
  useEffect(() => watchShift(leavePage), []);
  return (
    <div class={bar ? "frame with-bar" : "frame"}>
      <header class="header">
        <button type="button" class="button" onClick={leavePage}>
          {words.exit}
        </button>
        <a class="button" href={HELP}>
          {words.help}
        </a>
      </header>
      {children}
      {bar && <Bar />}
    </div>
  );
}
