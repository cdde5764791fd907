/** The first page of all: what this is, and the two ways on. */

import { invitation, stage } from "../app.ts";
import { Languages } from "../parts/Languages.tsx";
import { Page } from "../parts/Page.tsx";
import { words } from "../words.ts";

export function Welcome() {
  return (
    <Page title={words.welcomeTitle}>
      <p>{words.welcome}</p>
      {invitation.value !== null && <p class="notice">{words.acceptTitle}.</p>}
      <div class="pair">
        <button type="button" class="button main" onClick={() => (stage.value = "first")}>
          {words.start}
        </button>
        <button type="button" class="button" onClick={() => (stage.value = "join")}>
          {words.already}
        </button>
      </div>
      <h2>{words.serverSees}</h2>
      <p class="soft">{words.serverSeesText}</p>
      <Languages />
    </Page>
  );
}
