import type { Clock } from '../clock/clock.ts';
import { suspendAware } from '../clock/sleep-until.ts';
import { withTimeout } from '../clock/with-timeout.ts';
import { createRedactor } from '../secret/redactor.ts';
import { encodeBasicCredentials, formEncode } from './basic-credentials.ts';
import { classifyFailure, classifyResponse } from './classify-response.ts';
import { createFailureFactory } from './failure-factory.ts';
import { createTokenRequestBody } from './token-request-body.ts';
import type { TokenRequestResult } from './token-request-result.ts';

/** Where and how a token is requested. */
export interface TokenEndpointSettings {
  readonly tokenUrl: string;
  /** Realm and environment, for messages. */
  readonly subject: string;
  readonly clientId: string;
  readonly bodyFormat: 'multipart' | 'urlencoded';
  readonly basicEncoding: 'raw' | 'form';
  readonly scope: string | undefined;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
}

/** The token endpoint, as one credential uses it. */
export class TokenEndpoint {
  readonly #settings: TokenEndpointSettings;

  constructor(settings: TokenEndpointSettings) {
    this.#settings = settings;
  }

  /**
   * Makes one token request. Rejects only with `signal.reason` when the signal aborts; every other outcome is a result.
   *
   * @param knownTokens tokens that a response must not bring into an error message
   * @param timeoutMs for everything from the first byte sent to the last byte read
   * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2
   */
  async requestToken(
    secret: string,
    timeoutMs: number,
    signal: AbortSignal,
    knownTokens: readonly string[],
  ): Promise<TokenRequestResult> {
    const { clock, clientId, basicEncoding } = this.#settings;
    const credentials = encodeBasicCredentials(clientId, secret, basicEncoding);
    // Without its padding, so that the pair is found with and without it.
    const redact = createRedactor([secret, formEncode(secret), credentials.replace(/=+$/, ''), ...knownTokens]);
    const fail = createFailureFactory(this.#settings, redact);
    const result = await withTimeout(
      // After a suspend, the lease of the request has ended, and its connection is most likely dead.
      suspendAware(clock),
      timeoutMs,
      async (ended) => {
        let response: Response;
        try {
          response = await this.#send(credentials, ended);
        } catch (error) {
          return classifyFailure(error, { fail, redact });
        }
        return classifyResponse(response, { fail, redact, now: clock.now(), signal: ended });
      },
      () => fail('token_request_timeout', `did not respond completely within ${Math.round(timeoutMs)} ms`),
      signal,
    );
    // When `fetch` reacts to the signal, it may settle before the timeout does.
    signal.throwIfAborted();
    return result;
  }

  /** Passes only strings and plain objects, which every `fetch` understands: the platform's, undici's own, a polyfill. */
  #send(credentials: string, signal: AbortSignal): Promise<Response> {
    // Called without a receiver: a browser's fetch refuses every receiver but its window.
    const { fetch, tokenUrl, bodyFormat, scope } = this.#settings;
    const { contentType, content } = createTokenRequestBody(bodyFormat, scope);
    const platform = globalThis.Request?.prototype ?? {};
    return fetch(tokenUrl, {
      method: 'POST',
      headers: {
        authorization: `Basic ${credentials}`,
        accept: 'application/json',
        'content-type': contentType,
      },
      body: content,
      signal,
      redirect: 'manual',
      // Some workers refuse a request that has these fields, and need neither.
      ...('cache' in platform && { cache: 'no-store' }),
      ...('credentials' in platform && { credentials: 'omit' }),
    });
  }
}
