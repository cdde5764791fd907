/** Signing another device out, with new keys: what lies on it neither opens nor writes anything new. */

import { api } from "../../app.ts";
import type { DeviceShown } from "../../engine/shown.ts";
import { OpenAgain } from "../../parts/OpenAgain.tsx";
import { Page } from "../../parts/Page.tsx";
import { fill, words } from "../../words.ts";
import { say } from "./words.ts";

export function EndDevice({ device, done }: { device: DeviceShown; done: () => void }) {
  return (
    <Page title={say.signOutDevice}>
      <p>{fill(say.calls, { name: device.name || "?" })}</p>
      <OpenAgain
        spare={false}
        opened={async (key) => {
          await api().endDevice(device.session, key);
          done();
        }}
      />
      <button type="button" class="link" onClick={done}>
        {words.back}
      </button>
    </Page>
  );
}
