/** One line where the server's policy has changed: what changed is on a page of its own, and the line goes once it is seen. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, attempt } from "../../app.ts";
import { language } from "../../words/language.ts";
import { say } from "./words.ts";

export function PolicyNews() {
  const news = useSignal(false);
  const ask = (told: boolean): Promise<boolean> =>
    attempt(async () => {
      news.value = await api().policyNews(told);
    });
  useEffect(() => {
    void ask(false);
  }, []);
  if (!news.value) return null;
  return (
    <div class="notice" role="status">
      <p>{say.policyNews}</p>
      <div class="buttons">
        <a class="button" href={`/policy/${language.value}/changes`} target="_blank" rel="noopener noreferrer">
          {say.policyChanges}
        </a>
        <button type="button" class="button" onClick={() => void ask(true)}>
          {say.policySeen}
        </button>
      </div>
    </div>
  );
}
