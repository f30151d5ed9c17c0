import { randomUUID } from 'node:crypto';
import { parseJsonBody } from '../../http/body.ts';
import type { EmulatorState } from '../../state/emulator-state.ts';
import { isObject } from '../../state/schemas.ts';
import type { Customer } from '../../storage/rows.ts';
import { type Endpoint, type Outcome, type ReceivedRequest, Refusal, requireMethod, toJson } from '../endpoint.ts';
import { authorizeBearer, identifyBearer } from './authorize-bearer.ts';

/** The resources that require a bearer token, by path. */
export const resourceEndpoints: ReadonlyMap<string, Endpoint> = new Map([
  ['/customers', createResourceEndpoint('/customers', decideCustomers)],
  ['/some-resource', createResourceEndpoint('/some-resource', decideSomeResource)],
]);

function createResourceEndpoint(path: string, decide: Endpoint['decide']): Endpoint {
  return { name: (method) => `${method} ${path}`, maxBodyBytes: 1_048_576, decide, identify: identifyBearer };
}

/**
 * Handles a request to `/some-resource`, the API call in the vendor's documentation. Any valid token is accepted, because
 * the documentation names no access right.
 */
function decideSomeResource(state: EmulatorState, request: ReceivedRequest): Outcome {
  requireMethod(request, ['GET', 'HEAD']);
  const requester = authorizeBearer(state, request);
  return toJson(200, 'ok', { resource: 'some-resource', ...requester }, requester);
}

/** Handles a request to `/customers`, an invented resource with a scope for reading and one for writing. */
function decideCustomers(state: EmulatorState, request: ReceivedRequest): Outcome {
  requireMethod(request, ['GET', 'HEAD', 'POST']);
  if (request.method === 'POST') return createCustomer(state, request);
  const requester = authorizeBearer(state, request, 'customers:read');
  return toJson(200, 'ok', `{"customers":${state.customers.listAsJson(requester.realm)}}`, requester);
}

function createCustomer(state: EmulatorState, request: ReceivedRequest): Outcome {
  const requester = authorizeBearer(state, request, 'customers:write');
  const refuse = (status: number, description: string): Refusal => {
    const body = { error: 'invalid_request', error_description: description };
    return new Refusal(toJson(status, 'invalid_request', body, requester));
  };
  const given = parseJsonBody(request.headers, request.body);
  if ('problem' in given) throw refuse(given.status, given.problem);
  const members = readNewCustomer(given.json);
  if (typeof members === 'string') throw refuse(400, members);
  const customer: Customer = { id: randomUUID(), ...members };
  state.customers.insert(requester.realm, customer);
  return toJson(201, 'created', customer, requester);
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
