/** Mindhaven's primitives and protocol for browsers; the twin of `mindhaven.crypto` and `mindhaven.protocol`. */

export * from "./bytes.ts";
export * from "./derive.ts";
export * from "./encoding.ts";
export * from "./errors.ts";
export * from "./padding.ts";
export * from "./seal.ts";
export {
  EpochKey,
  FileKey,
  RootKey,
  SealKey,
  Secret,
  Seed,
  SlotSecret,
} from "./secrets.ts";
export * as shape from "./shape.ts";
export * from "./sign.ts";
export { randomBytes, useNative } from "./subtle.ts";
export * from "./wrap.ts";
export type { NativeXWing } from "./xwing.ts";
export { MAX_SIGNATURE_BYTES, MAX_SIGNATURES, Signed, ZERO32 } from "./protocol/encoding.ts";

export * as account from "./protocol/account.ts";
export * as card from "./protocol/card.ts";
export * as login from "./protocol/login.ts";
export * as recovery from "./protocol/recovery.ts";
export * as slots from "./protocol/slots.ts";
