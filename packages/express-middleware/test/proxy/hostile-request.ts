import { rawRequest } from './proxy-fixture.ts';

/** The options of the proxy for {@link hostileRequests}. */
export const hostileOptions = {
  allow: [
    { methods: ['GET', 'HEAD', 'POST'], path: '/items', query: ['limit', 'page size'] },
    { methods: ['PUT', 'DELETE'], path: '/items/**' },
    { methods: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'], path: '/open/**' },
  ],
  maxBodyBytes: 100_000,
  requestHeaders: ['X-Request-Id'],
};

/** A hostile request, and its outcome. */
export interface HostileRequest {
  readonly title: string;
  readonly bytes: string;
  /** The status of the response; 200 when the request is forwarded. */
  readonly status: number;
  /** The code of the problem; left out when Node rejects the request itself, or when it is forwarded. */
  readonly code?: string;
  /** The request at the API, without `host`, `connection`, `via`, `authorization` and `content-length`; left out if none arrives. */
  readonly arrives?: { readonly line: string; readonly headers?: readonly string[]; readonly body?: string };
}

export const get = (target: string, ...headers: string[]) => rawRequest(`GET ${target}`, headers);
export const post = (headers: readonly string[], body = '', target = '/api/items') =>
  rawRequest(`POST ${target}`, headers, body);
export const malformed = { status: 400, code: 'malformed_target' };
export const unknown = { status: 404, code: 'not_found' };
export const untransferable = { status: 501, code: 'transfer_coding_not_supported' };
/** Node's parser rejects it. */
export const unparsed = { status: 400 };
export const item = { line: 'GET /v1/items' };

/** Express has no route for it. */
export const unrouted = { status: 404 };
