import { JSON_HEADERS } from '../../http/exchange.ts';
import type { ReceivedRequest } from '../../http/read-body.ts';
import type { EmulatorState } from '../../state/emulator-state.ts';
import type { Endpoint } from '../endpoint.ts';
import { methodNotAllowed, type Outcome } from '../outcome.ts';
import { authenticateRequest, findSecondMechanism } from './authenticate-client.ts';
import { identifyClient } from './token-endpoint.ts';
import { readTokenForm } from './token-form.ts';
import { errorResponse } from './token-response.ts';

/** `POST /{realm}/oauth2/revoke`. The vendor does not document it; this is RFC 7009. */
export const revocationEndpoint: Endpoint = {
  name: () => 'revoke',
  maxBodyBytes: 65_536,
  decide: decideRevocation,
  identify: identifyClient,
};

const { 'content-type': _type, ...NO_BODY_HEADERS } = JSON_HEADERS;

/**
 * Revokes a token of the authenticated client. An unknown token is a success (RFC 7009 section 2.2).
 *
 * @see RFC 7009 section 2
 */
function decideRevocation(state: EmulatorState, request: ReceivedRequest): Outcome {
  if (request.method !== 'POST') return methodNotAllowed('POST', {});
  const form = readTokenForm(request, state.rules.profile.acceptsMultipart);
  const authenticated = authenticateRequest(state, request, form);
  if (authenticated.refusal !== undefined) return authenticated.refusal;
  const { credential, requester } = authenticated;
  if ('problem' in form) return errorResponse('invalid_request', form.problem, requester, form.status);
  const problem = findSecondMechanism(form.parameters, request, credential.clientId);
  if (problem !== undefined) return errorResponse('invalid_request', problem, requester);
  const token = form.parameters.get('token');
  if (token === undefined) return errorResponse('invalid_request', 'token is missing', requester);
  const stored = state.tokens.find(state.digester.tokenDigest(token));
  if (stored !== undefined && stored.clientId !== credential.clientId) {
    return errorResponse('invalid_request', 'the token was issued to another client', requester);
  }
  if (stored !== undefined) state.tokens.revoke(stored.id);
  return { status: 200, reason: 'ok', headers: NO_BODY_HEADERS, body: '', ...requester };
}
