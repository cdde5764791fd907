/** The whole page: the frame around the one thing that is shown now. */

import { useEffect } from "preact/hooks";

import { closePage, lacking, page, pairLink, stage, status, view, visit } from "../app.ts";
import { fetchViews, FirstRun, Gone, LetIn, LookBack, PAGES, People, Plan, SignIn, You } from "../areas/index.ts";
import { Today } from "../views/Today.tsx";
import { Unlock } from "../views/Unlock.tsx";
import { Welcome } from "../views/Welcome.tsx";
import { words } from "../words.ts";
import { Frame } from "./Frame.tsx";
import { Page } from "./Page.tsx";

const VIEWS = { today: Today, back: LookBack, plan: Plan, people: People, you: You };

/** What is open: a page within a view, or the view. */
function Open() {
  if (page.value !== null) {
    const Page_ = PAGES[page.value];
    return <Page_ done={closePage} />;
  }
  const View = VIEWS[view.value];
  return <View />;
}

/** Fetch the other views once this one stands: nobody waits for them now. */
function useViews(): void {
  const open = stage.value === "open";
  useEffect(() => {
    if (open) fetchViews();
  }, [open]);
}

export function App() {
  useViews();
  const lacks = lacking.value;
  if (lacks !== null) {
    return (
      <Frame bar={false}>
        <Page title={words.lacksTitle}>
          <p>{lacks === "https" ? words.lacksHttps : words.lacksBrowser}</p>
        </Page>
      </Frame>
    );
  }
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
          <Gone />
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
