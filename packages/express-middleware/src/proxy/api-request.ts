import { type AccessToken, describeRefusal, type InstellixClient, type RequestRefusedError } from '@instellix/core';
import type { Dispatcher } from 'undici';
import type { RequestBody } from './request-body.ts';
import type { RequestTarget } from './request-target.ts';

/** A request that may be forwarded. */
export interface ValidatedRequest {
  readonly method: string;
  /** The mount, as the caller has written it. */
  readonly mountPath: string;
  readonly target: RequestTarget;
  /** The path of the rule that allows the request. */
  readonly rule: string;
  /** Bytes; 0: no body, undefined: a chunked one. */
  readonly bodyLength: number | undefined;
  /** What goes to the API besides the token: names and values in turn. */
  readonly headers: readonly string[];
}

export type ApiResponse = Dispatcher.ResponseData;

/** Returns the target at the API: the base path, and what the caller has requested below the mount. */
export function targetAt(apiUrl: URL, { path, query }: RequestTarget): string {
  return `${apiUrl.pathname.slice(0, -1)}${path}${query}`;
}

/** Sends a request to the API. */
export function sendApiRequest(
  dispatcher: Dispatcher,
  apiUrl: URL,
  { method, target, headers, bodyLength }: ValidatedRequest,
  body: RequestBody | undefined,
  token: AccessToken,
  signal: AbortSignal,
): Promise<ApiResponse> {
  const length = bodyLength ? ['content-length', String(bodyLength)] : [];
  return dispatcher.request({
    origin: apiUrl.origin,
    path: targetAt(apiUrl, target),
    method: method as Dispatcher.HttpMethod,
    headers: [...headers, 'authorization', `Bearer ${token.value}`, ...length],
    body: body?.open() ?? null,
    signal,
    // The exchange has its own timers: a caller that reads slowly does not make the API slow.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}

/** Returns the error for a response that refuses the service itself, and says nothing about the caller. */
export function findRefusal(
  { statusCode: status, headers }: ApiResponse,
  client: InstellixClient,
): RequestRefusedError | undefined {
  const challenge = headers['www-authenticate']?.toString() ?? '';
  if (status !== 401 && (status !== 403 || !insufficientScope.test(challenge))) return undefined;
  const refusal = { status, headers: { get: () => challenge } };
  return describeRefusal(refusal, { subject: `environment ${client.environment.name}` });
}

/** @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1 */
const insufficientScope = /\berror\s*=\s*"?insufficient_scope\b/i;
