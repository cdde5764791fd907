/** The whole page: the frame around the one thing that is shown now. */

import { pairLink, stage, status, view, visit } from "../app.ts";
import { FirstRun } from "../views/FirstRun.tsx";
import { LetIn } from "../views/LetIn.tsx";
import { LookBack } from "../views/LookBack.tsx";
import { People } from "../views/People.tsx";
import { SignIn } from "../views/SignIn.tsx";
import { Today } from "../views/Today.tsx";
import { Unlock } from "../views/Unlock.tsx";
import { Welcome } from "../views/Welcome.tsx";
import { You } from "../views/You.tsx";
import { words } from "../words.ts";
import { Frame } from "./Frame.tsx";
import { Page } from "./Page.tsx";

const VIEWS = { today: Today, back: LookBack, people: People, you: You };

export function App() {
  const Open = VIEWS[view.value];
  const link = pairLink.value;
  const finished = status.value.stage === "open" && status.value.finished;
  switch (stage.value) {
    case "loading":
      return <Frame bar={false}>{null}</Frame>;
    case "elsewhere":
      return (
        <Frame bar={false}>
          <Page title={words.elsewhereTitle}>
            <p>{words.elsewhere}</p>
          </Page>
        </Frame>
      );
    case "welcome":
      return (
        <Frame bar={false}>
          <Welcome />
        </Frame>
      );
    case "first":
      return (
        <Frame bar={false}>
          <FirstRun />
        </Frame>
      );
    case "join":
      return (
        <Frame bar={false}>
          <SignIn />
        </Frame>
      );
    case "locked":
      return (
        <Frame bar={false}>
          <Unlock />
        </Frame>
      );
    case "gone":
      return (
        <Frame bar={false}>
          <Page title={words.gone}>{null}</Page>
        </Frame>
      );
    case "open":
      return (
        <Frame bar>
          {link !== null && finished ? <LetIn link={link} /> : <Open key={visit.value} />}
        </Frame>
      );
  }
}
