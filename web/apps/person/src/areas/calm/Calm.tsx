/** Breathe, ground, rest: breathing first, the others one press away. Works offline; nothing is recorded by itself. */

import { openPage } from "../../app.ts";
import { Page } from "../../parts/Page.tsx";
import { words } from "../../words.ts";
import type { PageProps } from "../index.ts";
import { Breathing } from "./Breathing.tsx";
import { say } from "./words.ts";

export function Calm({ done }: PageProps) {
  return (
    <Page title={say.breathe}>
      <Breathing notes>
        <h2>{say.others}</h2>
        <button
          type="button"
          class="choice"
          onClick={() => {
            openPage("ground");
          }}
        >
          <strong>{say.ground}</strong>
          {say.groundAbout}
        </button>
        <button
          type="button"
          class="choice"
          onClick={() => {
            openPage("rest");
          }}
        >
          <strong>{say.rest}</strong>
          {say.restAbout}
        </button>
        <div class="buttons">
          <button type="button" class="button" onClick={done}>
            {words.back}
          </button>
        </div>
      </Breathing>
    </Page>
  );
}
