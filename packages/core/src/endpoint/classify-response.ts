import type { Redact } from '../secret/redactor.ts';
import { sanitizeError } from '../secret/sanitize-error.ts';
import { classifyConnectionFailure } from './connection-failure.ts';
import type { FailureFactory } from './failure-factory.ts';
import { parseErrorResponse } from './parse-error-response.ts';
import { parseTokenResponse } from './parse-token-response.ts';
import { cancelReader, openReader, readLimited } from './read-limited.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { TokenRequestResult } from './token-request-result.ts';

/** What the classification of one response needs. */
export interface ResponseContext {
  readonly fail: FailureFactory;
  readonly redact: Redact;
  /** Epoch milliseconds, for a `Retry-After` that is a date. */
  readonly now: number;
  /** Aborts when no caller waits for the response any more. */
  readonly signal: AbortSignal;
}

interface ResponseHead {
  readonly status: number;
  readonly isRedirect: boolean;
  readonly retryAfterMs: number | undefined;
  readonly reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
}

const maxBodyBytes = 65_536;

/** Turns the value that `fetch` resolved with into a result. A custom `fetch` may resolve with anything. */
export async function classifyResponse(response: Response, context: ResponseContext): Promise<TokenRequestResult> {
  const { fail, redact, signal } = context;
  const head = readHead(response, context.now);
  if (!head) return fail('token_response_invalid', 'returned a value that is not a readable Response');
  const { status, reader } = head;
  const early = classifyStatus(head, fail);
  if (early) {
    cancelReader(reader);
    return early;
  }
  const isError = status >= 400;
  let body: Uint8Array | undefined;
  try {
    body = await readLimited(reader, maxBodyBytes, signal);
  } catch (error) {
    // The status of an error response suffices: without its body, only the explanation is missing.
    if (!isError) return classifyFailure(error, context, status);
  }
  if (isError) {
    const { oauthError, description } = parseErrorResponse(body, redact);
    const code = status === 401 || status === 403 ? 'credentials_rejected' : 'token_request_refused';
    return fail(code, `responded with ${status}${description && ` (${description})`}`, { status, oauthError });
  }
  const token = body ? parseTokenResponse(body) : 'it is longer than 64 KiB';
  if (typeof token !== 'string') return { kind: 'issued', ...token };
  return fail('token_response_invalid', `responded with ${status}, but the response cannot be used: ${token}`, {
    status,
  });
}

/** Node's `fetch` uses a proxy only when it is told to, unlike Axios, which reads HTTPS_PROXY by itself. */
const unreachableRemedy =
  'Try again later. If it persists, check the network and the token URL. Behind a proxy, Node requires NODE_USE_ENV_PROXY=1.';

/** Turns the error of `fetch` into a result. With a status, it is the error of reading the body. */
export function classifyFailure(
  thrown: unknown,
  { fail, redact }: Pick<ResponseContext, 'fail' | 'redact'>,
  status?: number,
): TokenRequestResult {
  const cause = sanitizeError(thrown, redact);
  const { reason, neverSent, isUndecodable, remedy } = classifyConnectionFailure(cause);
  const because = reason && ` (${reason})`;
  const details = { status, cause, reason: reason || undefined };
  if (isUndecodable)
    return fail('token_response_invalid', `returned a response that cannot be decompressed${because}`, details);
  const requestSent = status !== undefined || !neverSent;
  const what = requestSent ? 'closed the connection before the response was complete' : 'cannot be reached';
  const retryable = remedy === undefined;
  const hint = remedy ?? (requestSent ? undefined : unreachableRemedy);
  return fail('token_endpoint_unavailable', what + because, { ...details, requestSent, retryable, remedy: hint });
}

function readHead(response: Response, now: number): ResponseHead | undefined {
  try {
    const { status, type, redirected, headers, body } = response;
    const isRedirect = type === 'opaqueredirect' || redirected || (status >= 300 && status < 400);
    if (!Number.isInteger(status) || (status < 200 && !isRedirect)) return undefined;
    const retryAfterMs = parseRetryAfter(headers.get('retry-after') ?? '', now);
    return { status, isRedirect, retryAfterMs, reader: body ? openReader(body) : undefined };
  } catch {
    return undefined;
  }
}

/** Returns the result when the status alone determines it. */
function classifyStatus(
  { status, isRedirect, retryAfterMs }: ResponseHead,
  fail: FailureFactory,
): TokenRequestResult | undefined {
  if (isRedirect) {
    const what = 'redirected the request, and token requests follow no redirects';
    // Browsers report the status of a redirect as 0.
    return fail('token_response_invalid', what, { status: status || undefined });
  }
  const isThrottled = status === 429;
  if (!isThrottled && status !== 408 && status !== 425 && status < 500) return undefined;
  const code = isThrottled ? 'token_request_throttled' : 'token_endpoint_unavailable';
  return fail(code, `responded with ${status}`, { status, retryAfterMs });
}
