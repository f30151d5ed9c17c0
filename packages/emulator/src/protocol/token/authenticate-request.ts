import type { ReceivedRequest } from '../../http/received-request.ts';
import type { EmulatorState } from '../../state/emulator-state.ts';
import type { Credential } from '../../storage/credential.ts';
import type { Outcome, Requester } from '../outcome.ts';
import { authenticateClient } from './authenticate-client.ts';
import { type BasicCredentials, parseBasicCredentials } from './basic-credentials.ts';
import type { TokenForm } from './token-form.ts';
import { errorResponse, invalidClientResponse } from './token-response.ts';

/** A client that has shown who it is, or the answer to one that has not. */
export type Admission =
  | { readonly credential: Credential; readonly requester: Requester; readonly refusal?: undefined }
  | { readonly refusal: Outcome };

/**
 * Finds out which client a request comes from, and whether it may ask in this realm.
 *
 * @see RFC 6749 section 2.3.1
 */
export function authenticateRequest(state: EmulatorState, request: ReceivedRequest, form: TokenForm): Admission {
  const { realm = '' } = request;
  const isRealm = state.credentials.hasRealm(realm);
  const inRealm: Requester = isRealm ? { realm } : {};
  const authorization = request.headers.get('authorization');
  // Two header lines reach us joined by a comma, which no Basic header can hold.
  if (authorization !== null && /^basic [^,]*,/i.test(authorization)) {
    return { refusal: errorResponse('invalid_request', 'there is more than one Authorization header', inRealm) };
  }
  const pair =
    authorization === null
      ? readBodyCredentials(state, form)
      : parseBasicCredentials(authorization, state.rules.profile.encodesBasic);
  if (pair === undefined) return { refusal: invalidClientResponse('no_credentials', inRealm) };
  const { credential, refusal } = authenticateClient(state, pair, realm);
  const requester = credential === undefined ? inRealm : { ...inRealm, clientId: credential.clientId };
  if (!isRealm) return { refusal: invalidClientResponse('unknown_realm', requester) };
  if (refusal !== undefined) return { refusal: invalidClientResponse(refusal, requester) };
  return { credential, requester };
}

/** RFC 6749 section 2.3: one way of authenticating per request, and section 2.3.1: never in the URI. */
export function findSecondMechanism(
  form: ReadonlyMap<string, string>,
  { url, headers }: ReceivedRequest,
  clientId: string,
): string | undefined {
  const isInHeader = headers.get('authorization') !== null;
  if (form.has('client_assertion') || (isInHeader && form.has('client_secret'))) {
    return 'client credentials are sent in more than one way; use the header alone';
  }
  if (url.search !== '' && url.searchParams.has('client_secret')) return 'client credentials must not be in the URL';
  if ((form.get('client_id') ?? clientId) !== clientId) return 'client_id names another client than the header';
  return undefined;
}

function readBodyCredentials({ rules }: EmulatorState, form: TokenForm): BasicCredentials | undefined {
  if (!rules.profile.takesBodyCredentials || 'problem' in form) return undefined;
  const clientId = form.parameters.get('client_id');
  const clientSecret = form.parameters.get('client_secret');
  return clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret };
}
