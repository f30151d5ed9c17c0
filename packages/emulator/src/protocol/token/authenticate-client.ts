import type { EmulatorState } from '../../state/emulator-state.ts';
import type { Reason } from '../../state/reason.ts';
import type { Credential } from '../../storage/credential.ts';
import type { BasicCredentials } from './basic-credentials.ts';

/** A client that was let in, or why it was not and, if its id exists, which credential it named. */
export type Authentication =
  | { readonly credential: Credential; readonly refusal?: undefined }
  | { readonly credential: Credential | undefined; readonly refusal: Reason };

const NO_DIGEST = new Uint8Array(32);

/**
 * Checks id and secret of a client.
 *
 * The order of the checks decides which reason the request log gives when several hold: a wrong secret before everything that
 * only a client with the right one may cause.
 */
export function authenticateClient(state: EmulatorState, pair: BasicCredentials, realm: string): Authentication {
  const credential = state.credentials.find(pair.clientId);
  if (credential === undefined) {
    // Unknown and known clients cost the same comparison.
    state.digester.matches(pair.clientSecret, NO_DIGEST);
    return { credential, refusal: 'unknown_client' };
  }
  const refusal = checkSecret(state, pair) ?? checkStatus(credential, realm);
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

function checkStatus(credential: Credential, realm: string): Reason | undefined {
  if (credential.realm !== realm) return 'wrong_realm';
  if (credential.status === 'revoked') return 'credential_revoked';
  if (credential.status === 'inactive') return 'credential_inactive';
  if (credential.kind === 'portal') return 'portal_credential';
  return undefined;
}
