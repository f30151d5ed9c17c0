import type { ReceivedRequest } from '../../http/received-request.ts';
import type { EmulatorState } from '../../state/emulator-state.ts';
import { methodNotAllowed } from '../method-not-allowed.ts';
import { JSON_HEADERS, type Outcome } from '../outcome.ts';
import { authorizeBearer, requesterOf } from './authorize-bearer.ts';

/** Decides a request to `/some-resource`, the vendor's own sample: any valid token may read it. */
export function decideSomeResource(state: EmulatorState, request: ReceivedRequest): Outcome {
  if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed('GET, HEAD', {});
  const authorization = authorizeBearer(state, request);
  if ('refusal' in authorization) return authorization.refusal;
  const requester = requesterOf(authorization.token);
  const body = JSON.stringify({ resource: 'some-resource', ...requester });
  return { status: 200, reason: 'ok', headers: JSON_HEADERS, body, ...requester };
}
