/** The frame of every screen: Exit first, Help now always in its place, the bar below or beside. */

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import { sharedDevice, show, view, type View } from "../app.ts";
import { leavePage, watchShift } from "../exit.ts";
import { words } from "../words.ts";
import { helpPage } from "../words/language.ts";
import { Icon, type IconName } from "./Icon.tsx";

const TABS = [
  { id: "today", icon: "today", word: "today" },
  { id: "back", icon: "back", word: "lookBack" },
  { id: "plan", icon: "plan", word: "plan" },
  { id: "people", icon: "people", word: "people" },
  { id: "you", icon: "you", word: "you" },
] as const satisfies readonly { id: View; icon: IconName; word: string }[];

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
          {words[tab.word]}
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
        <a class="button" href={helpPage()}>
          {words.help}
        </a>
      </header>
      {sharedDevice.value && <p class="shared small">{words.sharedDevice}</p>}
      {children}
      {bar && <Bar />}
    </div>
  );
}
