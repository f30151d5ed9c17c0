import { rememberApiUnreachable } from '../error/api-unreachable.ts';
import { rememberContext } from '../refusal/describe-refusal.ts';
import type { TokenSource } from '../token/token-source.ts';
import { completeRequest } from './complete-request.ts';
import { type InstellixRequestInit, readFetchArguments, readRequestBody } from './fetch-arguments.ts';
import { type FetchContext, FetchDriver } from './fetch-driver.ts';

/** What {@link createApiFetch} works with. */
export interface ApiFetchContext extends FetchContext {
  /** Realm and environment, for messages. */
  readonly subject: string;
  readonly tokens: TokenSource & {
    /** @throws RequestRefusedError `client_closed` after `close()` */
    ensureOpen(): void;
  };
}

/** Creates a `fetch` that sends the access token to the API, and sends nothing elsewhere. */
export function createApiFetch(context: ApiFetchContext) {
  const { subject, tokens } = context;
  return async (input: string | URL | Request, init?: InstellixRequestInit | null): Promise<Response> => {
    const call = readFetchArguments(input, init);
    const { headers, signal, options } = call;
    const driver = new FetchDriver(context, call);
    try {
      signal?.throwIfAborted();
      tokens.ensureOpen();
      if (call.bodySource) driver.body = await readRequestBody(call.bodySource, signal);
      // An Authorization of the caller's own is kept, and a 401 for it is the caller's concern.
      const isOwn = headers?.has('authorization');
      const token = isOwn ? undefined : (tokens.peekToken() ?? (await tokens.getToken({ signal })));
      const { response, status, token: lastToken } = await completeRequest(driver, await driver.send(token), token);
      if (status === 401 || status === 403) {
        rememberContext(response, { subject, requiredScope: options.requiredScope, token: lastToken });
      }
      return response;
    } catch (error) {
      // For the caller's own callers it makes no difference whether the API was late or the token that the call waited for.
      if (signal?.aborted && Object(error).name === 'TimeoutError') rememberApiUnreachable(error);
      throw error;
    }
  };
}
