/** A notification's words follow the app's name and language, wherever a page changes one of them. */

import { useEffect } from "preact/hooks";

import { comforts } from "../../comforts.ts";
import { language } from "../../words/language.ts";
import { changeWords } from "./pushing.ts";

/** Keep the words of notifications as the app looks and speaks while this page is shown. */
export function useNoticeWords(): void {
  useEffect(() => {
    void changeWords().catch(() => undefined); // a browser without a service worker's store shows none
  }, [comforts.value.look, language.value]);
}
