import type { Redact } from '../secret/redactor.ts';
import { safeCause } from '../secret/safe-cause.ts';
import { firstCode, isDecompressionFailure, neverReachedServer } from './connection-failure.ts';
import { parseErrorAnswer } from './parse-error-answer.ts';
import { parseTokenAnswer } from './parse-token-answer.ts';
import { discard, readLimited } from './read-limited.ts';
import type { TokenAnswer } from './request-token.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { Fail } from './token-failure.ts';

/** What one token request has at hand while its answer is judged. */
export interface JudgeContext {
  readonly fail: Fail;
  readonly redact: Redact;
  /** Epoch milliseconds, for a `Retry-After` that is a date. */
  readonly now: () => number;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

interface OpenedResponse {
  readonly status: number;
  readonly redirects: boolean;
  readonly retryAfterMs: number | undefined;
  readonly reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
}

const longestBody = 65_536;

/** Makes an outcome of what `fetch` resolved with, which in the hands of others need not be a response at all. */
export async function judgeResponse(response: Response, context: JudgeContext): Promise<TokenAnswer> {
  const { fail, signal } = context;
  const opened = openResponse(response, context.now());
  if (!opened) {
    const remedy = 'Check the fetch option: it must resolve with a Response whose body nobody has read.';
    return { kind: 'final', error: fail('token_response_invalid', 'gave no Response that can be read', remedy) };
  }
  const early = judgeStatus(opened, fail);
  if (early) {
    void discard(opened.reader);
    return early;
  }
  const body = readLimited(opened.reader, longestBody, signal);
  return opened.status < 300 ? judgeToken(body, opened.status, context) : judgeRefusal(body, opened.status, context);
}

/** Makes an outcome of a request without an answer, or, with a status, of an answer that broke off. */
export function judgeFailure(thrown: unknown, { fail, redact }: JudgeContext, status?: number): TokenAnswer {
  const cause = safeCause(thrown, redact);
  const code = firstCode(cause);
  const details = { status, cause };
  const because = code === undefined ? '' : ` (${code})`;
  if (isDecompressionFailure(cause))
    return invalid(fail, `gave an answer that cannot be decompressed${because}`, details);
  const requestSent = status !== undefined || !neverReachedServer(cause);
  const what = `${requestSent ? 'gave no complete answer' : 'cannot be reached'}${because}`;
  const remedy = 'Check the network, the proxy, and host and certificate of the token URL.';
  return { kind: 'transient', error: fail('token_endpoint_unavailable', what, remedy, details), requestSent };
}

function openResponse(response: Response, now: number): OpenedResponse | undefined {
  try {
    const { status, type, redirected, headers, body, bodyUsed } = response;
    const redirects = type === 'opaqueredirect' || redirected || (status >= 300 && status < 400);
    if (bodyUsed || !Number.isInteger(status) || (status < 200 && !redirects)) return undefined;
    return {
      status,
      redirects,
      retryAfterMs: parseRetryAfter(headers.get('retry-after'), now),
      reader: body?.getReader(),
    };
  } catch {
    return undefined;
  }
}

/** Judges what the status alone decides. */
function judgeStatus({ status, redirects, retryAfterMs }: OpenedResponse, fail: Fail): TokenAnswer | undefined {
  if (redirects) {
    return invalid(fail, 'redirects, and a redirect is never followed: it would carry the credentials elsewhere', {
      status,
    });
  }
  const throttled = status === 429;
  if (!throttled && status !== 408 && status !== 425 && status < 500) return undefined;
  const error = fail(
    throttled ? 'token_request_throttled' : 'token_endpoint_unavailable',
    `answered ${status}`,
    throttled ? 'Share one client or store among all callers.' : 'Try again later; if it lasts, ask the vendor.',
    { status, retryAfterMs },
  );
  return { kind: 'transient', error, requestSent: true };
}

async function judgeToken(
  body: Promise<Uint8Array | undefined>,
  status: number,
  context: JudgeContext,
): Promise<TokenAnswer> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = await body;
  } catch (error) {
    return judgeFailure(error, context, status);
  }
  const token = bytes ? parseTokenAnswer(bytes) : 'it is longer than 64 KiB';
  return typeof token === 'string'
    ? invalid(context.fail, `answered ${status}, but ${token}`, { status })
    : { kind: 'granted', ...token };
}

async function judgeRefusal(
  body: Promise<Uint8Array | undefined>,
  status: number,
  { fail, redact }: JudgeContext,
): Promise<TokenAnswer> {
  // The status has decided already; a body that cannot be had takes nothing away but the explanation.
  const { oauthError, says } = parseErrorAnswer(await body.catch(() => undefined), redact);
  const what = `answered ${status}${says}`;
  const details = { status, oauthError };
  if (status === 401 || status === 403) {
    const remedy =
      'Its throttle answers the same, but was waited out: it does not accept these credentials. Check the realm, client id, secret and environment; credentials are managed in the web portal.';
    return { kind: 'unauthorized', error: fail('credentials_rejected', what, remedy, details) };
  }
  const remedy = 'Check the realm, the token URL and the tokenRequest options.';
  return { kind: 'final', error: fail('token_request_refused', what, remedy, details) };
}

function invalid(
  fail: Fail,
  what: string,
  details: { readonly status?: number | undefined; readonly cause?: unknown },
): TokenAnswer {
  const remedy = 'Check the realm and the token URL, and what stands between here and there.';
  return { kind: 'final', error: fail('token_response_invalid', what, remedy, details) };
}
