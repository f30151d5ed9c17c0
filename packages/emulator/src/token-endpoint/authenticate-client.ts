import type { Credential } from '../credential/credential.ts';
import type { Reason } from '../journal/reason.ts';
import type { EmulatorState } from '../state/emulator-state.ts';
import { type BasicCredentials, formDecoded } from './basic-credentials.ts';

/** A client that was let in, or why it was not and, if its id exists, which credential it named. */
export type Authentication =
  | { readonly credential: Credential; readonly refusal?: undefined }
  | { readonly credential: Credential | undefined; readonly refusal: Reason };

/**
 * Checks id and secret of a client: as the plain pair (F3) first, then as RFC 6749 section 2.3.1 encodes it.
 *
 * The order of the checks decides which reason is told when several hold: a wrong secret before everything that only
 * somebody with the right one should be told about.
 *
 * @param isEncoded whether the pair is known to be encoded, so that the plain reading does not count.
 */
export function authenticateClient(
  state: EmulatorState,
  pair: BasicCredentials,
  realm: string,
  isEncoded: boolean,
): Authentication {
  const decoded = formDecoded(pair);
  if (isEncoded && decoded !== undefined) return authenticatePair(state, decoded, realm);
  const plain = authenticatePair(state, pair, realm);
  if (plain.refusal !== 'unknown_client' && plain.refusal !== 'wrong_secret') return plain;
  if (decoded === undefined) return plain;
  const second = authenticatePair(state, decoded, realm);
  return second.refusal === 'unknown_client' ? plain : second;
}

const NO_DIGEST = new Uint8Array(32);

function authenticatePair(state: EmulatorState, pair: BasicCredentials, realm: string): Authentication {
  const credential = state.credentials.find(pair.clientId);
  if (credential === undefined) {
    // Unknown and known clients cost the same comparison.
    state.digester.matches(pair.clientSecret, NO_DIGEST);
    return { credential, refusal: 'unknown_client' };
  }
  const refusal = checkSecret(state, pair) ?? checkStanding(credential, realm);
  return refusal === undefined ? { credential } : { credential, refusal };
}

function checkSecret(state: EmulatorState, { clientId, clientSecret }: BasicCredentials): Reason | undefined {
  const now = state.clock.now();
  let refusal: Reason | undefined = 'wrong_secret';
  for (const { digest, expiresAt } of state.secrets.list(clientId)) {
    if (!state.digester.matches(clientSecret, digest)) continue;
    if (expiresAt === undefined || now < expiresAt) return undefined;
    refusal = 'secret_expired';
  }
  return refusal;
}

function checkStanding(credential: Credential, realm: string): Reason | undefined {
  if (credential.realm !== realm) return 'wrong_realm';
  if (credential.status === 'revoked') return 'credential_revoked';
  if (credential.status === 'inactive') return 'credential_inactive';
  if (credential.kind === 'portal') return 'portal_credential';
  return undefined;
}
