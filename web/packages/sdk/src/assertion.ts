/** That a passkey was used just now, as requests carry it (spec/passkeys.md step 9). No I/O. */

/** That a passkey was used just now, as the authenticator gave it. */
export interface Assertion {
  readonly credential: Uint8Array;
  readonly clientData: Uint8Array;
  readonly authenticatorData: Uint8Array;
  readonly signature: Uint8Array;
  readonly userHandle: Uint8Array | null;
}

/** Return an assertion as requests carry it. */
export function asSent(assertion: Assertion | null): Record<string, unknown> | null {
  if (assertion === null) return null;
  const { credential, clientData, authenticatorData, signature, userHandle } = assertion;
  return {
    credential,
    client_data: clientData,
    authenticator_data: authenticatorData,
    signature,
    user_handle: userHandle,
  };
}

/** What an account may ask for beside a passphrase: a code, or a passkey that was used over a login challenge. */
export interface Beside {
  readonly code: string | null;
  readonly assertion: Assertion | null;
}

export const NOTHING_BESIDE: Beside = { code: null, assertion: null };
