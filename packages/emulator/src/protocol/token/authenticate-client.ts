import type { EmulatorState } from '../../state/emulator-state.ts';
import type { Reason } from '../../state/request-log.ts';
import { NO_DIGEST } from '../../state/secrets.ts';
import type { Credential } from '../../storage/credential.ts';
import { invalidRequest, type ReceivedRequest, Refusal, type Requester, requireMethod, toJson } from '../endpoint.ts';
import { readTokenForm } from './token-form.ts';

/**
 * Authenticates the client of a request, and reads its form.
 *
 * The client is authenticated before its parameters are checked: a throttled client (F8) must not learn from a 400 that
 * its credentials are correct.
 *
 * @param checkClient finds a reason to reject an authenticated client.
 * @throws Refusal
 * @see RFC 6749 section 2.3.1
 */
export function readClientRequest(
  state: EmulatorState,
  request: ReceivedRequest,
  checkClient?: (credential: Credential) => Reason | undefined,
) {
  const { realm = '' } = request;
  requireMethod(request, 'POST');
  // Node joins repeated headers with a comma, which a Basic header cannot contain.
  if (/^basic [^,]*,/i.test(request.headers.get('authorization') ?? '')) {
    throw invalidRequest('invalid_request', 'the request has more than one Authorization header');
  }
  const pair = readCredentials(state, request);
  if (pair === undefined) throw invalidClient('no_credentials');
  const credential = state.credentials.find(pair.clientId);
  const reason = findReason(state, credential, pair, realm) ?? (credential && checkClient?.(credential));
  if (!state.credentials.hasRealm(realm)) throw invalidClient('unknown_realm');
  if (credential === undefined || reason !== undefined) throw invalidClient(reason ?? 'unknown_client');
  const form = readTokenForm(request, state.rules.profile.acceptsMultipart);
  if ('problem' in form) throw invalidRequest('invalid_request', form.problem, form.status);
  const { parameters } = form;
  const problem = findSecondMechanism(parameters, request, credential.clientId);
  if (problem !== undefined) throw invalidRequest('invalid_request', problem);
  return { credential, parameters };
}

/** The realm and client in a token request; left out when they do not exist. */
export function identifyClient(state: EmulatorState, request: ReceivedRequest): Requester {
  const { realm = '' } = request;
  const pair = readCredentials(state, request);
  const clientId = pair && state.credentials.find(pair.clientId)?.clientId;
  return { ...(state.credentials.hasRealm(realm) && { realm }), ...(clientId !== undefined && { clientId }) };
}

/**
 * The 401 for every rejected client. All have the same bytes, also that of a throttled one: only the request log shows the
 * reason.
 *
 * @see RFC 6749 section 5.2, RFC 7617 section 2
 */
function invalidClient(reason: Reason): Refusal {
  const body = { error: 'invalid_client', error_description: 'client authentication failed' };
  const headers = { 'www-authenticate': 'Basic realm="instellix", charset="UTF-8"' };
  return new Refusal(toJson(401, reason, body, headers));
}

/** The credentials in the header, or in the form if the profile accepts that; `undefined` without well-formed ones. */
function readCredentials({ rules }: EmulatorState, request: ReceivedRequest): BasicCredentials | undefined {
  const { profile } = rules;
  const authorization = request.headers.get('authorization');
  if (authorization !== null || !profile.acceptsBodyCredentials) {
    return parseBasicCredentials(authorization, profile.encodesBasic);
  }
  const form = readTokenForm(request, profile.acceptsMultipart);
  const parameters = 'parameters' in form ? form.parameters : undefined;
  const [clientId, clientSecret] = [parameters?.get('client_id'), parameters?.get('client_secret')];
  return clientId === undefined || clientSecret === undefined ? undefined : { clientId, clientSecret };
}

/** Finds a second client authentication (RFC 6749 section 2.3), or one in the URL (section 2.3.1). */
function findSecondMechanism(
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

/**
 * Finds the reason to reject a client. When several apply, the request log shows the first one: a wrong secret comes before
 * all reasons that require a correct one.
 */
function findReason(
  { clock, digester, secrets }: EmulatorState,
  credential: Credential | undefined,
  { clientId, clientSecret }: BasicCredentials,
  realm: string,
): Reason | undefined {
  if (credential === undefined) {
    // One comparison for unknown clients as well: the response time must not reveal which clients exist.
    digester.matches(clientSecret, NO_DIGEST);
    return 'unknown_client';
  }
  const matching = secrets.list(clientId).filter(({ digest }) => digester.matches(clientSecret, digest));
  if (matching.length === 0) return 'wrong_secret';
  const now = clock.now();
  if (matching.every(({ expiresAt = Number.POSITIVE_INFINITY }) => now >= expiresAt)) return 'secret_expired';
  if (credential.realm !== realm) return 'wrong_realm';
  if (credential.status === 'revoked') return 'credential_revoked';
  if (credential.status === 'inactive') return 'credential_inactive';
  return credential.kind === 'portal' ? 'portal_credential' : undefined;
}

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
function parseBasicCredentials(authorization: string | null, isEncoded: boolean): BasicCredentials | undefined {
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
