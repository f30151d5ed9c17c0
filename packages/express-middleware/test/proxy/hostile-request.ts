import { rawRequest } from './proxy-fixture.ts';

/** What the proxy is mounted with while {@link hostileRequests} come in. */
export const hostileOptions = {
  allow: [
    { methods: ['GET', 'HEAD', 'POST'], path: '/items', query: ['limit', 'page size'] },
    { methods: ['PUT', 'DELETE'], path: '/items/**' },
    { methods: ['GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'], path: '/open/**' },
  ],
  maxBodyBytes: 100_000,
  requestHeaders: ['X-Request-Id'],
};

/** A request that nobody polite would send, and what becomes of it. */
export interface HostileRequest {
  readonly title: string;
  readonly bytes: string;
  /** The caller's answer; 200 when it is the API's. */
  readonly status: number;
  /** The code of the problem; left out when Node refuses the request before any handler sees it, or when it is forwarded. */
  readonly code?: string;
  /** What arrives at the API besides `host`, `connection`, `via`, `authorization` and `content-length`; nothing if left out. */
  readonly arrives?: { readonly line: string; readonly headers?: readonly string[]; readonly body?: string };
}

export const get = (target: string, ...headers: string[]) => rawRequest(`GET ${target}`, headers);
export const post = (headers: readonly string[], body = '', target = '/api/items') =>
  rawRequest(`POST ${target}`, headers, body);
export const malformed = { status: 400, code: 'malformed_target' };
export const unknown = { status: 404, code: 'not_found' };
export const untransferable = { status: 501, code: 'transfer_coding_not_supported' };
/** Node's parser ends it before any handler sees it. */
export const unparsed = { status: 400 };
export const item = { line: 'GET /v1/items' };

/** Express has no route for it; so says Express. */
export const unrouted = { status: 404 };
