import { randomUUID } from 'node:crypto';
import { parseJsonBody } from '../../http/body.ts';
import type { EmulatorState } from '../../state/emulator-state.ts';
import { newCustomer } from '../../state/seed.ts';
import { validate } from '../../state/validate.ts';
import {
  type Endpoint,
  invalidRequest,
  type Outcome,
  type ReceivedRequest,
  requireMethod,
  toJson,
} from '../endpoint.ts';
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
  requireMethod(request, 'GET', 'HEAD');
  const requester = authorizeBearer(state, request);
  return toJson(200, 'ok', { resource: 'some-resource', ...requester });
}

/** Handles a request to `/customers`, an invented resource with a scope for reading and one for writing. */
function decideCustomers(state: EmulatorState, request: ReceivedRequest): Outcome {
  requireMethod(request, 'GET', 'HEAD', 'POST');
  if (request.method === 'POST') return createCustomer(state, request);
  const { realm } = authorizeBearer(state, request, 'customers:read');
  return toJson(200, 'ok', `{"customers":${state.customers.listAsJson(realm)}}`);
}

function createCustomer(state: EmulatorState, request: ReceivedRequest): Outcome {
  const { realm } = authorizeBearer(state, request, 'customers:write');
  const given = parseJsonBody(request.headers, request.body);
  if ('problem' in given) throw invalidRequest('invalid_request', given.problem, given.status);
  const { id: _id, ...members } = validate(newCustomer, given.json, 'customer');
  const customer = { id: randomUUID(), ...members };
  state.customers.insert(realm, customer);
  return toJson(201, 'created', customer);
}
