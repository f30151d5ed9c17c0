import type { Redact } from '../secret/redactor.ts';
import { safeCause } from '../secret/safe-cause.ts';
import { findCode, isDecompressionFailure, neverReachedServer } from './connection-failure.ts';
import type { Fail } from './failed-answer.ts';
import { parseErrorAnswer } from './parse-error-answer.ts';
import { parseTokenAnswer } from './parse-token-answer.ts';
import { discard, readLimited } from './read-limited.ts';
import { parseRetryAfter } from './retry-after.ts';
import type { TokenAnswer } from './token-answer.ts';

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

/** Makes an answer of what `fetch` resolved with, which in the hands of others need not be a response at all. */
export async function judgeResponse(response: Response, context: JudgeContext): Promise<TokenAnswer> {
  const { fail, redact, signal } = context;
  const opened = openResponse(response, context.now());
  if (!opened) return fail('token_response_invalid', 'gave no Response that can be read');
  const { status, reader } = opened;
  const early = judgeStatus(opened, fail);
  if (early) {
    void discard(reader);
    return early;
  }
  const isRefusal = status >= 300;
  let body: Uint8Array | undefined;
  try {
    body = await readLimited(reader, longestBody, signal);
  } catch (error) {
    // A refusal stands by its status already: without its body only the explanation is missing.
    if (!isRefusal) return judgeFailure(error, context, status);
  }
  if (isRefusal) {
    const { oauthError, says } = parseErrorAnswer(body, redact);
    const code = status === 401 || status === 403 ? 'credentials_rejected' : 'token_request_refused';
    return fail(code, `answered ${status}${says}`, { status, oauthError });
  }
  const token = body ? parseTokenAnswer(body) : 'it is longer than 64 KiB';
  if (typeof token !== 'string') return { kind: 'granted', ...token };
  return fail('token_response_invalid', `answered ${status}, but ${token}`, { status });
}

/** Makes an answer of a request that got none, or, with a status, of one that broke off. */
export function judgeFailure(thrown: unknown, { fail, redact }: JudgeContext, status?: number): TokenAnswer {
  const cause = safeCause(thrown, redact);
  const code = findCode(cause);
  const because = code && ` (${code})`;
  const details = { status, cause };
  if (isDecompressionFailure(code)) {
    return fail('token_response_invalid', `gave no answer that can be decompressed${because}`, details);
  }
  const requestSent = !!status || !neverReachedServer(code);
  const what = requestSent ? 'gave no complete answer' : 'cannot be reached';
  return fail('token_endpoint_unavailable', what + because, details, requestSent);
}

function openResponse(response: Response, now: number): OpenedResponse | undefined {
  try {
    const { status, type, redirected, headers, body } = response;
    const redirects = type === 'opaqueredirect' || redirected || (status >= 300 && status < 400);
    if (!Number.isInteger(status) || (status < 200 && !redirects)) return undefined;
    const retryAfterMs = parseRetryAfter(headers.get('retry-after'), now);
    return { status, redirects, retryAfterMs, reader: body?.getReader() };
  } catch {
    return undefined;
  }
}

/** Judges what the status alone decides. */
function judgeStatus({ status, redirects, retryAfterMs }: OpenedResponse, fail: Fail): TokenAnswer | undefined {
  if (redirects) {
    const what = 'redirects; a redirect is never followed';
    // A browser hides the status of a redirect behind a 0.
    return fail('token_response_invalid', what, { status: status || undefined });
  }
  const throttled = status === 429;
  if (!throttled && status !== 408 && status !== 425 && status < 500) return undefined;
  const code = throttled ? 'token_request_throttled' : 'token_endpoint_unavailable';
  return fail(code, `answered ${status}`, { status, retryAfterMs });
}
