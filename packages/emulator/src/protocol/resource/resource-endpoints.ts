import { randomUUID } from 'node:crypto';
import { JSON_HEADERS } from '../../http/exchange.ts';
import { parseJsonBody } from '../../http/parse-body.ts';
import type { ReceivedRequest } from '../../http/read-body.ts';
import type { EmulatorState } from '../../state/emulator-state.ts';
import { isObject } from '../../state/schemas.ts';
import type { Customer } from '../../storage/rows.ts';
import type { Endpoint } from '../endpoint.ts';
import { methodNotAllowed, type Outcome, type Requester } from '../outcome.ts';
import { authorizeBearer, identifyBearer, requesterOf } from './authorize-bearer.ts';

/** The resources that require a bearer token, by path. */
export const resourceEndpoints: ReadonlyMap<string, Endpoint> = new Map([
  ['/customers', createResourceEndpoint('/customers', decideCustomers)],
  ['/some-resource', createResourceEndpoint('/some-resource', decideSomeResource)],
]);

function createResourceEndpoint(path: string, decide: Endpoint['decide']): Endpoint {
  return { name: (_state, method) => `${method} ${path}`, maxBodyBytes: 1_048_576, decide, identify: identifyBearer };
}

/**
 * Handles a request to `/some-resource`, the API call in the vendor's documentation. Any valid token is accepted, because
 * the documentation names no access right.
 */
function decideSomeResource(state: EmulatorState, request: ReceivedRequest): Outcome {
  if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed('GET, HEAD', {});
  const authorization = authorizeBearer(state, request);
  if ('refusal' in authorization) return authorization.refusal;
  const requester = requesterOf(authorization.token);
  const body = JSON.stringify({ resource: 'some-resource', ...requester });
  return { status: 200, reason: 'ok', headers: JSON_HEADERS, body, ...requester };
}

/** Handles a request to `/customers`, an invented resource with a scope for reading and one for writing. */
function decideCustomers(state: EmulatorState, request: ReceivedRequest): Outcome {
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
  const given = parseJsonBody(request.headers, request.body);
  if ('problem' in given) return invalidCustomer(given.status, given.problem, requester);
  const members = readNewCustomer(given.json);
  if (typeof members === 'string') return invalidCustomer(400, members, requester);
  const customer: Customer = { id: randomUUID(), ...members };
  state.customers.insert(realm, customer);
  return { status: 201, reason: 'created', headers: JSON_HEADERS, body: JSON.stringify(customer), ...requester };
}

function invalidCustomer(status: number, description: string, requester: Requester): Outcome {
  const body = JSON.stringify({ error: 'invalid_request', error_description: description });
  return { status, reason: 'invalid_request', headers: JSON_HEADERS, body, ...requester };
}

const MAX_NAME_LENGTH = 200;

/** Returns the members of a new customer, or a sentence about the problem. */
function readNewCustomer(json: unknown): { readonly name: string; readonly [member: string]: unknown } | string {
  if (!isObject(json)) return 'a customer must be a JSON object';
  const { name, ...members }: { name?: unknown } = json;
  if ('id' in members) return 'the server chooses the id of a customer; leave it out';
  if (typeof name !== 'string' || name.trim() === '' || name.length > MAX_NAME_LENGTH) {
    return `the name of a customer must be a string of 1 to ${MAX_NAME_LENGTH} characters`;
  }
  return { name, ...members };
}
