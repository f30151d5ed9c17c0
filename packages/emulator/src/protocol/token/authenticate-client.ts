import type { ReceivedRequest } from '../../http/read-body.ts';
import type { EmulatorState } from '../../state/emulator-state.ts';
import type { Reason } from '../../state/request-log.ts';
import { NO_DIGEST } from '../../state/secrets.ts';
import type { Credential } from '../../storage/credential.ts';
import type { Outcome, Requester } from '../outcome.ts';
import type { TokenForm } from './token-form.ts';
import { errorResponse, invalidClientResponse } from './token-response.ts';

/** An authenticated client, or the error response. */
type Authenticated =
  | { readonly credential: Credential; readonly requester: Requester; readonly refusal?: undefined }
  | { readonly refusal: Outcome };

/**
 * Authenticates the client of a request, and checks that it belongs to this realm.
 *
 * @see RFC 6749 section 2.3.1
 */
export function authenticateRequest(state: EmulatorState, request: ReceivedRequest, form: TokenForm): Authenticated {
  const { realm = '' } = request;
  const isRealm = state.credentials.hasRealm(realm);
  const inRealm: Requester = isRealm ? { realm } : {};
  const authorization = request.headers.get('authorization');
  // Node joins repeated headers with a comma, which a Basic header cannot contain.
  if (authorization !== null && /^basic [^,]*,/i.test(authorization)) {
    return { refusal: errorResponse('invalid_request', 'the request has more than one Authorization header', inRealm) };
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

/** Finds a second client authentication (RFC 6749 section 2.3), or one in the URL (section 2.3.1). */
export function findSecondMechanism(
  form: ReadonlyMap<string, string>,
  { url, headers }: ReceivedRequest,
  clientId: string,
): string | undefined {
  const isInHeader = headers.get('authorization') !== null;
  if (form.has('client_assertion') || (isInHeader && form.has('client_secret'))) {
    return 'the client credentials are sent in more than one way; use the header only';
  }
  if (url.search !== '' && url.searchParams.has('client_secret'))
    return 'the client credentials must not be in the URL';
  if ((form.get('client_id') ?? clientId) !== clientId) return 'client_id is not the client of the header';
  return undefined;
}

function readBodyCredentials({ rules }: EmulatorState, form: TokenForm): BasicCredentials | undefined {
  if (!rules.profile.acceptsBodyCredentials || 'problem' in form) return undefined;
  const clientId = form.parameters.get('client_id');
  const clientSecret = form.parameters.get('client_secret');
  return clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret };
}

/** The credential of a client, and the reason if the client is rejected. */
type Authentication =
  | { readonly credential: Credential; readonly refusal?: undefined }
  | { readonly credential: Credential | undefined; readonly refusal: Reason };

/**
 * Checks the id and secret of a client.
 *
 * When several reasons apply, the request log shows the first one. A wrong secret comes before all reasons that require a
 * correct one.
 */
function authenticateClient(state: EmulatorState, pair: BasicCredentials, realm: string): Authentication {
  const credential = state.credentials.find(pair.clientId);
  if (credential === undefined) {
    // One comparison for unknown clients as well: the response time must not reveal which clients exist.
    state.digester.matches(pair.clientSecret, NO_DIGEST);
    return { credential, refusal: 'unknown_client' };
  }
  const refusal = checkSecret(state, pair) ?? checkStatus(credential, realm);
  return refusal === undefined ? { credential } : { credential, refusal };
}

function checkSecret(state: EmulatorState, { clientId, clientSecret }: BasicCredentials): Reason | undefined {
  const now = state.clock.now();
  let refusal: Reason | undefined = 'wrong_secret';
  for (const secret of state.secrets.list(clientId)) {
    if (!state.digester.matches(clientSecret, secret.digest)) continue;
    if (secret.expiresAt === undefined || now < secret.expiresAt) return undefined;
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

/** The client id and secret in a Basic header. */
interface BasicCredentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses an `Authorization: Basic` header; `undefined` when it is missing or malformed.
 *
 * @param isEncoded whether both halves were form-encoded first (RFC 6749 section 2.3.1).
 * @see RFC 7617 section 2
 */
export function parseBasicCredentials(authorization: string | null, isEncoded: boolean): BasicCredentials | undefined {
  const encoded = authorization?.match(BASIC)?.[1];
  if (encoded === undefined || encoded.length % 4 !== 0) return undefined;
  let pair: string;
  try {
    pair = utf8.decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
  const colon = pair.indexOf(':');
  if (colon < 0 || /\p{Cc}/u.test(pair)) return undefined;
  const halves = [pair.slice(0, colon), pair.slice(colon + 1)];
  const [clientId = '', clientSecret = ''] = isEncoded ? halves.map(formDecode) : halves;
  return { clientId, clientSecret };
}

/** Decodes the form encoding of RFC 6749 section 2.3.1. A half that is not encoded is returned unchanged. */
function formDecode(half: string): string {
  try {
    return decodeURIComponent(half.replaceAll('+', ' '));
  } catch {
    return half;
  }
}
