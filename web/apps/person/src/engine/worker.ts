/** The worker: it holds the engine, and answers one page. I/O: messages. */

import { serve, type Call, type Said } from "@mindhaven/sdk/browser";

import { Engine } from "./engine.ts";

const engine = new Engine(self.location.origin);

/** Every method that a page may call, by name; nothing else of the engine can be reached. */
const METHODS = {
  status: engine.status.bind(engine),
  begin: engine.begin.bind(engine),
  shareDevice: engine.shareDevice.bind(engine),
  tryWay: engine.doors.tryWay.bind(engine.doors),
  unlock: engine.unlock.bind(engine),
  lock: engine.lock.bind(engine),
  add: engine.add.bind(engine),
  revise: engine.revise.bind(engine),
  erase: engine.erase.bind(engine),
  entries: engine.entries.bind(engine),
  act: engine.rooms.act.bind(engine.rooms),
  leaveRooms: engine.rooms.leave.bind(engine.rooms),
  attach: engine.drawer.attach.bind(engine.drawer),
  waiting: engine.drawer.waiting.bind(engine.drawer),
  readWaiting: engine.drawer.readWaiting.bind(engine.drawer),
  putAway: engine.drawer.putAway.bind(engine.drawer),
  readFile: engine.drawer.readFile.bind(engine.drawer),
  give: engine.exchange.give.bind(engine.exchange),
  lookInto: engine.exchange.lookInto.bind(engine.exchange),
  bringMore: engine.exchange.bringMore.bind(engine.exchange),
  brought: engine.exchange.brought.bind(engine.exchange),
  takeBack: engine.exchange.takeBack.bind(engine.exchange),
  drafts: engine.desk.drafts.bind(engine.desk),
  keepDraft: engine.desk.keepDraft.bind(engine.desk),
  choices: engine.desk.choices.bind(engine.desk),
  choose: engine.desk.choose.bind(engine.desk),
  spareKey: engine.spareKey.bind(engine),
  confirmSpareKey: engine.confirmSpareKey.bind(engine),
  keepSealedCopy: engine.keepSealedCopy.bind(engine),
  loginChallenge: engine.loginChallenge.bind(engine),
  signIn: engine.signIn.bind(engine),
  sync: async () => {
    const synced = await engine.sync();
    await engine.rooms.act("standing", "settle", []).catch(() => undefined); // what fails is looked at by the next one
    return synced;
  },
  beginPairing: engine.beginPairing.bind(engine),
  paired: engine.paired.bind(engine),
  letIn: engine.letIn.bind(engine),
  recent: engine.recent.bind(engine),
  devices: engine.devices.bind(engine),
  endDevice: engine.endDevice.bind(engine),
  ways: engine.doors.ways.bind(engine.doors),
  checkWords: engine.doors.checkWords.bind(engine.doors),
  setWords: engine.doors.setWords.bind(engine.doors),
  startPasskey: engine.doors.startPasskey.bind(engine.doors),
  letGo: engine.doors.letGo.bind(engine.doors),
  addPasskey: engine.doors.addPasskey.bind(engine.doors),
  startIntroduction: engine.doors.startIntroduction.bind(engine.doors),
  introduce: engine.doors.introduce.bind(engine.doors),
  unintroduced: engine.doors.unintroduced.bind(engine.doors),
  wayChallenge: engine.doors.wayChallenge.bind(engine.doors),
  passkeys: engine.doors.passkeys.bind(engine.doors),
  setSecondFactor: engine.doors.setSecondFactor.bind(engine.doors),
  removePasskey: engine.doors.removePasskey.bind(engine.doors),
  accepted: engine.doors.accepted.bind(engine.doors),
  stopChange: engine.doors.stopChange.bind(engine.doors),
  leave: engine.leave.bind(engine),
  forget: engine.forget.bind(engine),
  contacts: engine.circle.contacts.bind(engine.circle),
  invite: engine.circle.invite.bind(engine.circle),
  accept: engine.circle.accept.bind(engine.circle),
  answers: engine.circle.answers.bind(engine.circle),
  share: engine.circle.share.bind(engine.circle),
  shareCopies: engine.circle.shareCopies.bind(engine.circle),
  stopSharing: engine.circle.stopSharing.bind(engine.circle),
  reportOpened: engine.circle.reportOpened.bind(engine.circle),
  safetyWords: engine.circle.safetyWords.bind(engine.circle),
  activity: engine.circle.activity.bind(engine.circle),
  seen: engine.circle.seen.bind(engine.circle),
  permissions: engine.circle.permissions.bind(engine.circle),
  agreed: engine.circle.agreed.bind(engine.circle),
  receiptOf: engine.circle.receiptOf.bind(engine.circle),
  policyNews: engine.circle.policyNews.bind(engine.circle),
  keepSignal: engine.circle.keepSignal.bind(engine.circle),
  reminders: engine.circle.reminders.bind(engine.circle),
};

export type Methods = typeof METHODS;

const answer = serve(METHODS, (message, transfer) => {
  self.postMessage(message, { transfer });
});

/** A page that was loaded anew waits for its own old worker, which a browser lets finish what it is in the middle of. */
const PATIENCE_MS = 1500;

/**
 * One page at a time: two would each keep their own idea of what rests. The lock ends with the worker; a page that was told
 * to wait goes on by itself once the other one is closed.
 */
const waited = setTimeout(() => {
  self.postMessage({ id: 0, news: "elsewhere" } satisfies Said);
}, PATIENCE_MS);
void navigator.locks.request("mindhaven", async () => {
  clearTimeout(waited);
  self.onmessage = (event: MessageEvent<Call>) => void answer(event.data);
  self.postMessage({ id: 0, news: "ready" } satisfies Said);
  await new Promise(() => undefined);
});
