/** Files of locked entries that a restored server lost: told where the lock is opened, and given back once it is. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { quietly } from "../../app.ts";
import { fill } from "../../words.ts";
import { locker, tried } from "./locker.ts";
import { say } from "./words.ts";

/** Before it is opened: that there is something to give back, and not what. */
export function LostClosed() {
  const lost = useSignal(false);
  useEffect(() => {
    void quietly(async () => {
      lost.value = await locker("lacks");
    });
  }, []);
  return <div role="status">{lost.value && <p class="notice">{say.lostClosed}</p>}</div>;
}

export function Lost() {
  const names = useSignal<readonly string[]>([]);
  const given = useSignal("");
  const sending = useSignal(false);
  const look = async (): Promise<void> => {
    names.value = await locker("lacking");
  };
  useEffect(() => void quietly(look), []);
  const give = async (files: readonly File[]): Promise<void> => {
    sending.value = true;
    given.value = "";
    await tried(async () => {
      for (const one of files) given.value = await locker("giveBack", one);
    });
    await quietly(look);
    sending.value = false;
  };
  return (
    <>
      <div role="status">{given.value !== "" && <p class="notice">{fill(say.lostGiven, { name: given.value })}</p>}</div>
      {names.value.length > 0 && (
        <section>
          <h2>{say.lostTitle}</h2>
          <p>{say.lost}</p>
          <ul class="lines">
            {names.value.map((name, number) => (
              <li key={number}>{name}</li>
            ))}
          </ul>
          <div class="buttons">
            <label class="button">
              {sending.value ? say.lostSending : say.lostChoose}
              <input
                type="file"
                class="hidden"
                multiple
                disabled={sending.value}
                onChange={(event) => {
                  void give([...(event.currentTarget.files ?? [])]);
                  event.currentTarget.value = "";
                }}
              />
            </label>
          </div>
        </section>
      )}
    </>
  );
}
