/** People: who can read something now, and until when; starting and stopping a share. */

import { useSignal } from "@preact/signals";

import { contacts, invitation, openPage, status } from "../../app.ts";
import type { ContactShown } from "../../engine/shown.ts";
import { Page } from "../../parts/Page.tsx";
import { partNames } from "../../parts/names.ts";
import { fill, words } from "../../words.ts";
import { lookForAnswers } from "./answers.ts";
import { say } from "./words.ts";
import { Accept } from "./Accept.tsx";
import { Invite } from "./Invite.tsx";
import { Person } from "./Person.tsx";

function Row({ one, open }: { one: ContactShown; open: () => void }) {
  const reads = one.reads.length > 0 ? fill(say.canRead, { parts: partNames(one.reads) }) : null;
  const shares = one.shares.length > 0 ? fill(say.sharesWith, { parts: partNames(one.shares) }) : null;
  return (
    <li>
      <button type="button" class="choice" onClick={open}>
        <strong>{one.name}</strong>
        {[reads, shares].filter((text) => text !== null).join("; ") || say.nothingShared}
      </button>
    </li>
  );
}

export function People() {
  const said = useSignal("");
  const inviting = useSignal(false);
  const chosen = useSignal<string | null>(null);
  const person = contacts.value.find((one) => one.uid === chosen.value);
  const finished = status.value.stage === "open" && status.value.finished;

  if (!finished) {
    return (
      <Page title={words.people}>
        <p>{say.peopleNone}</p>
        <p class="soft">{say.peopleFinish}</p>
      </Page>
    );
  }
  if (invitation.value !== null) return <Accept link={invitation.value} done={(text) => (said.value = text)} />;
  if (inviting.value) {
    const done = (text: string): void => {
      said.value = text;
      inviting.value = false;
    };
    return <Invite done={done} />;
  }
  if (person !== undefined) return <Person person={person} done={() => (chosen.value = null)} />;
  return (
    <Page title={words.people}>
      <p role="status">{said.value}</p>
      {contacts.value.every((one) => one.reads.length === 0) && <p>{say.peopleNone}</p>}
      <ul class="rows">
        {contacts.value.map((one) => (
          <Row key={one.uid} one={one} open={() => (chosen.value = one.uid)} />
        ))}
      </ul>
      <div class="buttons">
        <button type="button" class="button main" onClick={() => (inviting.value = true)}>
          {say.addPerson}
        </button>
        <button
          type="button"
          class="button"
          onClick={() => void lookForAnswers().then((text) => (said.value = text ?? ""))}
        >
          {say.lookAnswers}
        </button>
        <button
          type="button"
          class="button"
          onClick={() => {
            openPage("access");
          }}
        >
          {say.access}
        </button>
      </div>
    </Page>
  );
}
