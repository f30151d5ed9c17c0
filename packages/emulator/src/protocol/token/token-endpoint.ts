import { JSON_HEADERS } from '../../http/exchange.ts';
import type { EmulatorState } from '../../state/emulator-state.ts';
import { randomSecret } from '../../state/secrets.ts';
import { type Credential, scopesOf } from '../../storage/credential.ts';
import { type Endpoint, invalidRequest, type Outcome, type ReceivedRequest, toJson } from '../endpoint.ts';
import { identifyClient, readClientRequest } from './authenticate-client.ts';

/** `POST /{realm}/oauth2/token` (F2). */
export const tokenEndpoint = createClientEndpoint('token', decideTokenRequest);

/** `POST /{realm}/oauth2/revoke`. The vendor does not document it; this is RFC 7009. */
export const revocationEndpoint = createClientEndpoint('revoke', decideRevocation);

function createClientEndpoint(name: string, decide: Endpoint['decide']): Endpoint {
  return { name: () => name, maxBodyBytes: 65_536, decide, identify: identifyClient };
}

/**
 * Handles a token request. It is synchronous, so that no request runs between throttle check and issue.
 *
 * @see RFC 6749 section 4.4
 */
function decideTokenRequest(state: EmulatorState, request: ReceivedRequest): Outcome {
  const { clock, rules } = state;
  const { credential, parameters } = readClientRequest(state, request, ({ lastIssuedAt }) => {
    const isThrottled = lastIssuedAt !== undefined && clock.now() - lastIssuedAt < rules.throttleWindowMs;
    return isThrottled ? 'throttled' : undefined;
  });
  const grantType = parameters.get('grant_type');
  if (grantType === undefined) throw invalidRequest('invalid_request', 'grant_type is missing');
  if (grantType !== 'client_credentials') {
    throw invalidRequest('unsupported_grant_type', 'the grant_type must be client_credentials');
  }
  const scopes = grantScopes(parameters.get('scope'), scopesOf(credential.roles));
  if (scopes === undefined) {
    throw invalidRequest('invalid_scope', 'the scope is malformed, or the roles of this client do not hold it');
  }
  // The vendor's three members (F5), and the scope if the profile returns it (RFC 6749 section 5.1).
  const body = {
    access_token: issue(state, credential, scopes),
    token_type: rules.profile.tokenType,
    expires_in: rules.tokenTtlSeconds,
    ...(rules.profile.returnsScope && scopes.length > 0 && { scope: scopes.join(' ') }),
  };
  return toJson(200, 'issued', body);
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
  const digest = state.digester.tokenDigest(token);
  const issuedAt = state.clock.now();
  const expiresAt = issuedAt + state.rules.tokenTtlSeconds * 1000;
  state.transaction(() => {
    state.tokens.insert({ digest, clientId, realm, scopes, issuedAt, expiresAt });
    state.credentials.setLastIssuedAt(issuedAt, clientId);
  });
  return token;
}

const { 'content-type': _type, ...NO_BODY_HEADERS } = JSON_HEADERS;

/**
 * Revokes a token of the authenticated client. An unknown token is a success (RFC 7009 section 2.2).
 *
 * @see RFC 7009 section 2
 */
function decideRevocation(state: EmulatorState, request: ReceivedRequest): Outcome {
  const { credential, parameters } = readClientRequest(state, request);
  const token = parameters.get('token');
  if (token === undefined) throw invalidRequest('invalid_request', 'token is missing');
  const stored = state.tokens.find(state.digester.tokenDigest(token));
  if (stored !== undefined && stored.clientId !== credential.clientId) {
    throw invalidRequest('invalid_request', 'the token was issued to another client');
  }
  if (stored !== undefined) state.tokens.revoke(stored.id);
  return { status: 200, reason: 'ok', headers: NO_BODY_HEADERS, body: '' };
}
