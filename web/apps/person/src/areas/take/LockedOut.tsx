/** That locked entries are in no file, where somebody has a lock: they go with the account. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { api, openPage, quietly } from "../../app.ts";
import { say } from "./words.ts";

export function LockedOut() {
  const there = useSignal(false);
  useEffect(() => {
    void quietly(async () => {
      there.value = (await api().act("locker", "exists", [])) === true;
    });
  }, []);
  if (!there.value) return null;
  return (
    <div class="notice">
      <p>{say.locked}</p>
      <button
        type="button"
        class="link"
        onClick={() => {
          openPage("locked");
        }}
      >
        {say.toLocked}
      </button>
    </div>
  );
}
