/** Mindhaven's primitives and protocol for browsers; the twin of `mindhaven.crypto`, `.protocol` and `.tlog`. */

export * from "./bytemap.ts";
export * from "./bytes.ts";
export * from "./derive.ts";
export * from "./encoding.ts";
export * from "./errors.ts";
export * from "./padding.ts";
export {
  COMMITMENT_BYTES,
  SALT_BYTES,
  TAG_BYTES,
  type Sealed,
  freshSealKey,
  openBox,
  openSealed,
  seal,
  sealBox,
} from "./seal.ts";
export {
  EpochKey,
  FileKey,
  RootKey,
  SealKey,
  Secret,
  Seed,
  SlotSecret,
} from "./secrets.ts";
export { mapSome } from "./some.ts";
export * as shape from "./shape.ts";
export * from "./sign.ts";
export * from "./stream.ts";
export { randomBytes, useNative } from "./subtle.ts";
export * from "./wrap.ts";
export type { NativeXWing } from "./xwing.ts";
export { MAX_SIGNATURE_BYTES, MAX_SIGNATURES, Signed, ZERO32 } from "./protocol/encoding.ts";

export * as account from "./protocol/account.ts";
export * as attachment from "./protocol/attachment.ts";
export * as card from "./protocol/card.ts";
export * as chain from "./protocol/chain.ts";
export * as choice from "./protocol/choice.ts";
export * as collection from "./protocol/collection.ts";
export * as consent from "./protocol/consent.ts";
export * as envelope from "./protocol/envelope.ts";
export * as epoch from "./protocol/epoch.ts";
export * as event from "./protocol/event.ts";
export * as ledger from "./protocol/ledger.ts";
export * as lock from "./protocol/lock.ts";
export * as login from "./protocol/login.ts";
export * as pairing from "./protocol/pairing.ts";
export * as receipt from "./protocol/receipt.ts";
export * as recovery from "./protocol/recovery.ts";
export * as slots from "./protocol/slots.ts";
export * as snapshot from "./protocol/snapshot.ts";
export * as transfer from "./protocol/transfer.ts";
export * as tlog from "./tlog/index.ts";
