/**
 * Grants, revocations, invitations, contacts. I/O: server and local store.
 *
 * Guarantees: a grant starts from a uid that the person checked, never from a handle; consent, wraps and commit are one
 * request; after a revocation nothing new is sealed for the one who is out.
 */

import {
  ConflictError,
  Consent,
  DeniedError,
  IntegrityError,
  Invitation,
  InvalidInputError,
  MindhavenError,
  Role,
  Signed,
  answer,
  answerer,
  consentTextHash,
  decode,
  encode,
  equal,
  hex,
  openAnswer,
  openPart,
  randomBytes,
  safetyNumber,
  safetyWords,
  sealPart,
  sealedHash,
  shape,
  verifyConsent,
  type Member,
} from "@mindhaven/crypto";
