import type { ReceivedRequest } from '../../http/read-body.ts';
import type { EmulatorState } from '../../state/emulator-state.ts';
import { randomSecret } from '../../state/secrets.ts';
import { type Credential, scopesOf } from '../../storage/credential.ts';
import type { Endpoint } from '../endpoint.ts';
import { methodNotAllowed, type Outcome, type Requester } from '../outcome.ts';
import { authenticateRequest, findSecondMechanism, parseBasicCredentials } from './authenticate-client.ts';
import { readTokenForm, type TokenForm } from './token-form.ts';
import { errorResponse, invalidClientResponse, tokenResponse } from './token-response.ts';

/** `POST /{realm}/oauth2/token` (F2). */
export const tokenEndpoint: Endpoint = {
  name: () => 'token',
  maxBodyBytes: 65_536,
  decide: decideTokenRequest,
  identify: identifyClient,
};

/**
 * Handles a token request.
 *
 * The client is authenticated before its parameters are checked: a throttled client (F8) must not learn from a 400 that
 * its credentials are correct. The function is synchronous, so that no request runs between throttle check and issue.
 *
 * @see RFC 6749 section 4.4
 */
function decideTokenRequest(state: EmulatorState, request: ReceivedRequest): Outcome {
  const { realm = '' } = request;
  if (request.method !== 'POST') return methodNotAllowed('POST', state.credentials.hasRealm(realm) ? { realm } : {});
  const form = readTokenForm(request, state.rules.profile.acceptsMultipart);
  const authenticated = authenticateRequest(state, request, form);
  if (authenticated.refusal !== undefined) return authenticated.refusal;
  const { credential, requester } = authenticated;
  if (isThrottled(state, credential)) return invalidClientResponse('throttled', requester);
  return grant(state, request, form, authenticated);
}

/** The realm and client in a token request; left out when they do not exist. */
export function identifyClient(state: EmulatorState, headers: Headers, realm: string | undefined): Requester {
  const pair = parseBasicCredentials(headers.get('authorization'), state.rules.profile.encodesBasic);
  const clientId = pair && state.credentials.find(pair.clientId)?.clientId;
  const isRealm = realm !== undefined && state.credentials.hasRealm(realm);
  return { ...(isRealm && { realm }), ...(clientId !== undefined && { clientId }) };
}

function isThrottled({ clock, rules }: EmulatorState, { lastIssuedAt }: Credential): boolean {
  return lastIssuedAt !== undefined && clock.now() - lastIssuedAt < rules.throttleWindowMs;
}

function grant(
  state: EmulatorState,
  request: ReceivedRequest,
  form: TokenForm,
  { credential, requester }: { readonly credential: Credential; readonly requester: Requester },
): Outcome {
  if ('problem' in form) return errorResponse('invalid_request', form.problem, requester, form.status);
  const problem = findSecondMechanism(form.parameters, request, credential.clientId);
  if (problem !== undefined) return errorResponse('invalid_request', problem, requester);
  const grantType = form.parameters.get('grant_type');
  if (grantType === undefined) return errorResponse('invalid_request', 'grant_type is missing', requester);
  if (grantType !== 'client_credentials') {
    return errorResponse('unsupported_grant_type', 'the grant_type must be client_credentials', requester);
  }
  const scopes = grantScopes(form.parameters.get('scope'), scopesOf(credential.roles));
  if (scopes === undefined) {
    return errorResponse(
      'invalid_scope',
      'the scope is malformed, or the roles of this client do not hold it',
      requester,
    );
  }
  return tokenResponse(issue(state, credential, scopes), scopes, state.rules, requester);
}

const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** The scopes of the token: all that the roles hold, or those that were requested; `undefined` for other scopes. */
function grantScopes(requested: string | undefined, held: readonly string[]): readonly string[] | undefined {
  if (requested === undefined) return held;
  if (!SCOPE.test(requested)) return undefined;
  const scopes = [...new Set(requested.split(' '))];
  return scopes.every((scope) => held.includes(scope)) ? scopes : undefined;
}

function issue(state: EmulatorState, { clientId, realm }: Credential, scopes: readonly string[]): string {
  const token = randomSecret();
  const issuedAt = state.clock.now();
  const expiresAt = issuedAt + state.rules.tokenTtlSeconds * 1000;
  const digest = state.digester.tokenDigest(token);
  state.transaction(() => {
    state.tokens.insert({ digest, clientId, realm, scopes, issuedAt, expiresAt });
    state.credentials.setLastIssuedAt(issuedAt, clientId);
  });
  return token;
}
