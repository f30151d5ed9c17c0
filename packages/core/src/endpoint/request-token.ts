import type { Clock } from '../clock/clock.ts';
import { within } from '../clock/with-timeout.ts';
import { createRedactor } from '../secret/redactor.ts';
import { encodeBasicCredentials, formEncode } from './basic-credentials.ts';
import { createFail } from './failed-answer.ts';
import { type JudgeContext, judgeFailure, judgeResponse } from './judge-response.ts';
import type { TokenAnswer } from './token-answer.ts';

/** Where and how a token is requested. */
export interface TokenRequestSettings {
  readonly tokenUrl: string;
  /** Realm and environment, for messages. */
  readonly subject: string;
  readonly clientId: string;
  readonly bodyFormat: 'multipart' | 'urlencoded';
  readonly basicEncoding: 'raw' | 'form';
  readonly scope: string | undefined;
  /** For everything from the first byte sent to the last one read, milliseconds. */
  readonly timeoutMs: number;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/**
 * Makes one token request. Rejects only with `signal.reason` when the signal aborts; every other outcome is data.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2
 */
export async function requestToken(
  settings: TokenRequestSettings,
  secret: string,
  signal: AbortSignal,
): Promise<TokenAnswer> {
  signal.throwIfAborted();
  const { clock, clientId, basicEncoding, timeoutMs } = settings;
  const credentials = encodeBasicCredentials(clientId, secret, basicEncoding);
  // Without its padding, the pair is found with it, too.
  const redact = createRedactor([secret, formEncode(secret), credentials.replace(/=+$/, '')]);
  const fail = createFail(settings, redact);
  return within(
    clock,
    timeoutMs,
    (ended) => exchange(settings, credentials, { fail, redact, now: () => clock.now(), signal: ended }),
    () => fail('token_request_timeout', `did not answer completely within ${Math.round(timeoutMs)} ms`),
    [signal],
  );
}

/** Sends the request and judges what comes back; never rejects. */
async function exchange(
  settings: TokenRequestSettings,
  credentials: string,
  context: JudgeContext,
): Promise<TokenAnswer> {
  // Called without a receiver: a browser's fetch refuses every other one than its window.
  const { fetch, tokenUrl } = settings;
  let response: Response;
  try {
    response = await fetch(tokenUrl, createRequest(settings, credentials, context.signal));
  } catch (error) {
    return judgeFailure(error, context);
  }
  return judgeResponse(response, context);
}

function createRequest(
  { bodyFormat, scope }: TokenRequestSettings,
  credentials: string,
  signal: AbortSignal,
): RequestInit {
  const body = bodyFormat === 'multipart' ? new FormData() : new URLSearchParams();
  body.append('grant_type', 'client_credentials');
  if (scope !== undefined) body.append('scope', scope);
  const platform = globalThis.Request?.prototype ?? {};
  return {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}`, accept: 'application/json' },
    body,
    signal,
    redirect: 'manual',
    // Some workers refuse a request that has these, and need neither.
    ...('cache' in platform && { cache: 'no-store' }),
    ...('credentials' in platform && { credentials: 'omit' }),
  };
}
