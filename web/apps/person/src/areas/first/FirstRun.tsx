/** The first run: a way in, the first mood, the spare key, the sealed copy. Each step is one page with one question. */

import { useSignal } from "@preact/signals";

import { attempt, invitation, refresh, stage, view } from "../../app.ts";
import { KeepCopy } from "./KeepCopy.tsx";
import { MoodPage } from "./MoodPage.tsx";
import { SpareKey } from "./SpareKey.tsx";
import { WayIn } from "./WayIn.tsx";

type Step = "way" | "mood" | "spare" | "copy";

/** Show Today; what was left for later is offered there again. */
async function finish(): Promise<void> {
  await attempt(refresh);
  view.value = invitation.value === null ? "today" : "people";
  stage.value = "open";
}

export function FirstRun() {
  const step = useSignal<Step>("way");
  switch (step.value) {
    case "way":
      return <WayIn done={() => void attempt(refresh).then(() => (step.value = "mood"))} />;
    case "mood":
      return <MoodPage done={() => (step.value = "spare")} />;
    case "spare":
      return <SpareKey kept={() => (step.value = "copy")} later={() => void finish()} />;
    case "copy":
      return <KeepCopy done={() => void finish()} />;
  }
}
