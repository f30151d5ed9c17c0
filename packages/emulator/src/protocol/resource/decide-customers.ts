import { randomUUID } from 'node:crypto';
import { parseMediaType } from '../../http/media-type.ts';
import type { ReceivedRequest } from '../../http/received-request.ts';
import type { EmulatorState } from '../../state/emulator-state.ts';
import type { Customer } from '../../storage/customer.ts';
import { methodNotAllowed } from '../method-not-allowed.ts';
import { JSON_HEADERS, type Outcome, type Requester } from '../outcome.ts';
import { authorizeBearer, requesterOf } from './authorize-bearer.ts';
import { readNewCustomer } from './read-customer.ts';

/** Decides a request to `/customers`, the invented resource with a scope for reading and one for writing. */
export function decideCustomers(state: EmulatorState, request: ReceivedRequest): Outcome {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return listCustomers(state, request);
    case 'POST':
      return createCustomer(state, request);
    default:
      return methodNotAllowed('GET, HEAD, POST', {});
  }
}

function listCustomers(state: EmulatorState, request: ReceivedRequest): Outcome {
  const authorization = authorizeBearer(state, request, 'customers:read');
  if ('refusal' in authorization) return authorization.refusal;
  const requester = requesterOf(authorization.token);
  const body = `{"customers":${state.customers.listAsJson(authorization.token.realm)}}`;
  return { status: 200, reason: 'ok', headers: JSON_HEADERS, body, ...requester };
}

function createCustomer(state: EmulatorState, request: ReceivedRequest): Outcome {
  const authorization = authorizeBearer(state, request, 'customers:write');
  if ('refusal' in authorization) return authorization.refusal;
  const { realm } = authorization.token;
  const requester = requesterOf(authorization.token);
  const given = readJson(request);
  if ('problem' in given) return invalidCustomer(given.status, given.problem, requester);
  const members = readNewCustomer(given.json);
  if (typeof members === 'string') return invalidCustomer(400, members, requester);
  const customer: Customer = { id: randomUUID(), ...members };
  state.customers.insert(realm, customer);
  return { status: 201, reason: 'created', headers: JSON_HEADERS, body: JSON.stringify(customer), ...requester };
}

function readJson({ body, headers }: ReceivedRequest): { json: unknown } | { status: number; problem: string } {
  if (body === 'too_large') return { status: 413, problem: 'the body is too large' };
  if (body === 'broken_off') return { status: 400, problem: 'the body ended too early' };
  if (parseMediaType(headers.get('content-type'))?.essence !== 'application/json') {
    return { status: 415, problem: 'the body must be application/json' };
  }
  try {
    return { json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) };
  } catch {
    return { status: 400, problem: 'the body is not JSON' };
  }
}

function invalidCustomer(status: number, description: string, requester: Requester): Outcome {
  const body = JSON.stringify({ error: 'invalid_request', error_description: description });
  return { status, reason: 'invalid_request', headers: JSON_HEADERS, body, ...requester };
}
