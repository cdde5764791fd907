/** What was left for later: the spare key, then the sealed copy. */

import { useSignal } from "@preact/signals";

import { attempt, refresh, status } from "../../app.ts";
import { KeepCopy } from "./KeepCopy.tsx";
import { SpareKey } from "./SpareKey.tsx";

export function Finish({ done }: { done: () => void }) {
  const kept = useSignal(status.value.stage === "open" && status.value.ways.some((one) => one.kind === "spare"));
  const finish = (): void => {
    void attempt(refresh).then(done);
  };
  return kept.value ? <KeepCopy done={finish} /> : <SpareKey kept={() => (kept.value = true)} later={done} />;
}
