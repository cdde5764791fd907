/** The entries that are played against the browser's SDK: the table of docs/attacks/browser.md. */

/** What a row says: the error that names it, the checks that find it, what the lie achieves without them. */
export interface Entry {
  readonly named: string;
  readonly off: readonly string[];
  readonly then: string;
}

/** In the place of an error: the attack does nothing, and nobody needs to be told. */
export const NOTHING = "-";

const FOLLOWS = ["crypto/protocol/chain/judge.judge: chain-order", "crypto/protocol/chain/judge.judge: chain-fork"];
const HASHES = ["sdk/pulling.#open: envelope-mismatch", "sdk/pulling.#open: salt-mismatch"];
const NOTED = ["sdk/listing.check: rollback", "sdk/listing.checkPulled: fork"];
const UID = ["crypto/protocol/account.extend: account-uid", "crypto/protocol/account.checkGenesis: account-uid"];
const SCANNED = "sdk/logs.scan: log-rewritten";
const PART = "crypto/protocol/attachment.feed: blob-mismatch";
const PLACE = "crypto/stream.#open: stream-changed";
const STATED = (code: string): string => `crypto/protocol/ledger.checkStatements: ${code}`;

export const ENTRIES = {
  "a record withheld without an erasure": {
    named: "withheld",
    off: ["sdk/pulling.#checkWhole: withheld"],
    then: "the record is missing and nobody hears of it",
  },
  "the list of collections withheld": {
    named: "withheld",
    off: ["sdk/pulling.#checkWhole: withheld"],
    then: "everything that the account has is missing, and nobody hears of it",
  },
  "a hidden collection": {
    named: "collection-withheld",
    off: ["sdk/listing.check: collection-withheld"],
    then: "all its records are missing and nobody hears of it",
  },
  "rollback, on a device that saw more": {
    named: "rollback",
    off: ["sdk/pages.checkHead: rollback", "sdk/listing.check: rollback"],
    then: "nobody hears that the server lost or hides the newest records",
  },
  "rollback, on a new device": {
    named: "rollback",
    off: NOTED,
    then: "the newest records are missing and nobody hears of it",
  },
  fork: {
    named: "fork",
    off: ["sdk/pages.checkHead: fork", ...NOTED],
    then: "two devices go on with two histories and neither is told",
  },
  "another history goes on from an older commit": {
    named: "chain-fork",
    off: ["crypto/protocol/chain/judge.judge: chain-fork"],
    then: "a commit is taken that does not follow what this device has",
  },
  "a commit dropped": {
    named: "chain-order",
    off: [...FOLLOWS, ...NOTED],
    then: "the history goes on without it",
  },
  "two records swapped": {
    named: "envelope-mismatch",
    off: [...HASHES, "crypto/protocol/envelope.openItem: envelope-misplaced"],
    then: "one record's text stands in the other's place",
  },
  "a wrong salt blamed on its author": {
    named: "salt-mismatch",
    off: ["sdk/pulling.#open: salt-mismatch"],
    then: "the record does not open, and that is told as its author's fault",
  },
  "a salt of 31 bytes": {
    named: "salt-length",
    off: [
      "sdk/pulling.#open: salt-length",
      "sdk/pulling.#open: salt-mismatch",
      "crypto/protocol/envelope.saltHash: salt-length",
      "crypto/seal.messageKeys: salt-length",
    ],
    then: "what the server cut is told as its author's fault",
  },
  "another collection of one's own": {
    named: "chain-collection",
    off: ["sdk/pulling.takePage: elsewhere", "sdk/pulling.#take: elsewhere", ...NOTED],
    then: "one collection's records stand in the other's place",
  },
  "a signed commit changed": {
    named: "signature-invalid",
    off: ["sdk/pulling.#take: verifyAuthor", ...NOTED],
    then: "a commit is kept that its author never signed",
  },
  "revoked member given an old chain": {
    named: "rollback",
    off: NOTED,
    then: "on a new device the member is in again, and what is written there is sealed for them too",
  },
  "a stranger's records in a contact's name": {
    named: "owner-swapped",
    off: ["sdk/syncing.#nameShared: ofAnother"],
    then: "what a stranger or the server wrote is listed as shared by a contact",
  },
  "a share hidden once, and older afterwards": {
    named: "rollback",
    off: NOTED,
    then: "on a new device the newest records of what another shares are missing, and nobody hears of it",
  },
  "a reader erases another's record": {
    named: "reader-writes",
    off: ["crypto/protocol/chain/work.needWriter: reader-writes", "crypto/protocol/chain/records.erase: not-the-author"],
    then: "the record is gone",
  },
  "two-key ciphertext": {
    named: "commitment-mismatch",
    off: ["crypto/seal.openSealed: commitment-mismatch"],
    then: "one sealed record opens under two keys, to two texts",
  },
  "slot added by the server": {
    named: "slot-list",
    off: ["sdk/access.shown: slot-list", "crypto/protocol/slots.openSlot: slot-list"],
    then: "the account's new root is wrapped to the server's own key",
  },
  "own-root wrap to a recovery slot": {
    named: "root-mismatch",
    off: ["crypto/protocol/slots.openSlot: root-mismatch", "crypto/protocol/bundle.checkBundle: bundle-mismatch"],
    then: "the device signs and opens with keys that the server made",
  },
  "server's identity for a fresh device": {
    named: "slot-tag",
    off: ["crypto/protocol/slots.openSlot: slot-tag"],
    then: "the person works in an account whose keys the server made",
  },
  "another account at log-in": {
    named: "account-swapped",
    off: ["sdk/access.#logIn: swapped"],
    then: "the device goes on in another's account, with what waits here for its own",
  },
  "keys of the server's making for a contact": {
    named: "account-uid",
    off: UID,
    then: "what is sealed for that person opens for the server",
  },
  "statement fork by an old root": {
    named: "account-rollback",
    off: [
      "sdk/people.learn: account-rollback",
      "crypto/protocol/account.checkFollows: account-fork",
      "crypto/protocol/account.extend: verify",
    ],
    then: "who holds a replaced root names the account's keys",
  },
  "Argon2 floor": {
    named: "argon2-floor",
    off: ["crypto/derive.passphraseSecret: argon2-floor"],
    then: "the passphrase is stretched as little as the server likes: what is sent can be guessed from",
  },
  "an address that is another's": {
    named: "origin-differs",
    off: ["sdk/transport.#expect: origin-differs"],
    then: "what is signed for one address is sent to a server that goes by another",
  },
  "an answer without an end": {
    named: "answer-too-large",
    off: ["sdk/transport.bounded: answer-too-large"],
    then: "the device reads until its memory is full",
  },
  "link answered with a swapped uid": {
    named: NOTHING,
    off: ["crypto/protocol/card.openAnswer: invitation-mac"],
    then: "the server stands among the contacts as if the link had vouched for it",
  },
  "an answer that speaks in another's name": {
    named: NOTHING,
    off: ["crypto/protocol/card.openAnswer: invitation-swapped"],
    then: "who found the link answers with what another said of themselves",
  },
  "a newer statement of a contact, hidden": {
    named: "statement-hidden",
    off: [STATED("statement-hidden"), STATED("statement-double")],
    then: "the keys that were replaced stay in use, and nobody hears of newer ones",
  },
  "a statement logged twice": {
    named: "statement-double",
    off: [STATED("statement-double")],
    then: "which of an account's keys are the newest is the server's choice",
  },
  "something new shared while the logs show something wrong": {
    named: "statement-hidden",
    off: ["sdk/sharing.grant: refuseFault"],
    then: "records are sealed for keys of which the log of keys says that they may be old",
  },
  "others are shown another history": {
    named: "head-unknown",
    off: ["crypto/protocol/ledger.checkHeads: head-unknown"],
    then: "two people go on with two histories, and neither is told",
  },
  "two heads of one day": {
    named: "head-double",
    off: ["crypto/protocol/ledger.checkHeads: head-double"],
    then: "each person can be shown the one that fits their history",
  },
  "a change missing in the log of heads": {
    named: "head-missing",
    off: ["sdk/heads.check: head-missing"],
    then: "a change can be kept from others, and its author is told that all is well",
  },
  "a log that was rewritten": {
    named: "log-rewritten",
    off: ["crypto/tlog/tree.verifyConsistency: rewritten", SCANNED],
    then: "what was logged once can be taken back",
  },
  "a log that shrank": {
    named: "log-shrunk",
    off: [
      "crypto/tlog/tree.verifyConsistency: log-shrunk",
      "crypto/tlog/tree.verifyConsistency: rewritten",
      "sdk/logs.scan: log-shrunk",
      SCANNED,
    ],
    then: "the newest of what was logged can be taken back",
  },
  "two logs of one size": {
    named: "log-fork",
    off: ["sdk/logs.#extends: log-fork", "crypto/tlog/tree.verifyConsistency: rewritten", SCANNED],
    then: "people are shown different logs, and neither is told",
  },
  "entries that the log did not sign": {
    named: "log-rewritten",
    off: [SCANNED],
    then: "this device reads other entries than everybody else",
  },
  "other keys of the logs": {
    named: "log-key-changed",
    off: ["sdk/logs.keys: log-key-changed"],
    then: "a log of the server's making takes the place of the one that others read",
  },
  "a receipt for what was never recorded": {
    named: "receipt-broken",
    off: ["sdk/receipts.#checked: broken", "crypto/protocol/receipt.check: receipt-differs"],
    then: "a grant of which nothing is recorded counts as proven",
  },
  "a receipt for an event that the log does not have": {
    named: "receipt-broken",
    off: ["sdk/receipts.isInLog: verifyInclusion"],
    then: "it counts as proven",
  },
  "a receipt for a place where the log has something else": {
    named: "receipt-broken",
    off: ["sdk/receipts.#checked: broken"],
    then: "the server's promise of a place binds it to nothing",
  },
  "a receipt for another act than was asked for": {
    named: "receipt-differs",
    off: ["crypto/protocol/receipt.check: receipt-differs"],
    then: "another act counts as the proof of this one",
  },
  "a receipt of somebody else's": {
    named: "receipt-differs",
    off: ["sdk/receipts.#checked: differs", "sdk/receipts.#checked: broken", "crypto/protocol/receipt.check: receipt-differs"],
    then: "a promise to another counts as one to this person",
  },
  "an account's erasure that the log does not have": {
    named: "receipt-broken",
    off: ["sdk/receipts.isInLog: verifyInclusion"],
    then: "who left holds a proof that proves nothing",
  },
  "an event hidden from who it is about": {
    named: "activity-gap",
    off: ["crypto/protocol/ledger.follow: gap"],
    then: "the person is never told of that act",
  },
  "two events told in another order": {
    named: "activity-gap",
    off: ["crypto/protocol/ledger.follow: gap"],
    then: "the person reads that the one came before the other",
  },
  "an event told otherwise than it was recorded": {
    named: "activity-commitment",
    off: ["crypto/protocol/ledger.follow: activity-commitment"],
    then: "the person reads of another act",
  },
  "an event about somebody else": {
    named: "activity-subject",
    off: ["crypto/protocol/ledger.follow: activity-subject"],
    then: "another's act is told as one that touched this person",
  },
  "an event that was never logged": {
    named: "proof-mismatch",
    off: ["sdk/activity.isProven: verifyInclusion"],
    then: "it is shown as verified",
  },
  "the proof of an event withheld": {
    named: "proof-missing",
    off: ["sdk/activity.isProven: proof-missing", "sdk/activity.isProven: verifyInclusion"],
    then: "it is shown as verified",
  },
  "the newest events hidden after they were shown": {
    named: "activity-gap",
    off: ["sdk/activity.#read: activity-gap"],
    then: "nobody hears that something is gone",
  },
  "an event kept out of the log": {
    named: "entries-late",
    off: ["sdk/activity.#lateOnes: add"],
    then: "it waits for a proof for ever, and nobody hears that it waited too long",
  },
  "the log of events held at an old state": {
    named: "log-stale",
    off: ["sdk/activity.#warnings: log-stale"],
    then: "nobody hears that newer states are held back",
  },
  "another log of events than this device has followed": {
    named: "log-rewritten",
    off: ["crypto/tlog/tree.verifyConsistency: rewritten"],
    then: "what was logged about a person can be taken back",
  },
  "a log of events that nobody signed": {
    named: "note-unsigned",
    off: ["crypto/tlog/checkpoint.openCheckpoint: note-unsigned"],
    then: "this device follows a log that somebody in between made",
  },
  "an older state, called a restore": {
    named: "behind",
    off: ["sdk/restoring.takes: set", "sdk/restoring.check: set"],
    then: "nobody hears that the newest entries are missing there",
  },
  "a rejoin that the owner never signed": {
    named: "not-the-owner",
    off: ["crypto/protocol/chain/work.needOwner: not-the-owner", "crypto/protocol/chain/members.members: members-owner"],
    then: "the owner's device drops what a member and the server agree to drop",
  },
  "a rejoin from a place that this device never saw": {
    named: "fork",
    off: ["sdk/rejoining.#follow: fork"],
    then: "an owner and the server rewrite what a member was shown, and the member's device follows",
  },
  "an old rejoin, shown before another history": {
    named: "fork",
    off: ["sdk/rejoining.#follow: fork"],
    then: "one old restore lets a server show another history later as if its owner had decided",
  },
  "an attachment cut short": {
    named: "blob-mismatch",
    off: [PART, PLACE, "crypto/protocol/attachment.finish: attachment-size"],
    then: "a file that was cut short is given as whole",
  },
  "a part of an attachment left out": {
    named: "blob-mismatch",
    off: [PART, PLACE, "crypto/protocol/attachment.finish: attachment-size"],
    then: "a file without its last part is given as whole",
  },
  "an attachment put together otherwise": {
    named: "blob-mismatch",
    off: [PART, PLACE],
    then: "a file is given with its pieces in another order",
  },
  "two parts of an attachment swapped": {
    named: "blob-mismatch",
    off: [PART, PLACE],
    then: "a file is given with its parts in another order",
  },
} as const satisfies { readonly [name: string]: Entry };

export type EntryName = keyof typeof ENTRIES;
