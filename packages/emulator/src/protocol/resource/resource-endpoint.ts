import type { Endpoint } from '../endpoint.ts';
import { identifyBearer } from './authorize-bearer.ts';
import { decideCustomers } from './decide-customers.ts';
import { decideSomeResource } from './decide-some-resource.ts';

/** The resources behind bearer tokens, by their path. */
export const resourceEndpoints: ReadonlyMap<string, Endpoint> = new Map([
  ['/customers', createResourceEndpoint('/customers', decideCustomers)],
  ['/some-resource', createResourceEndpoint('/some-resource', decideSomeResource)],
]);

function createResourceEndpoint(path: string, decide: Endpoint['decide']): Endpoint {
  return { name: (_state, method) => `${method} ${path}`, maxBodyBytes: 1_048_576, decide, identify: identifyBearer };
}
