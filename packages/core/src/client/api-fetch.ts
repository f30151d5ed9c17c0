import { rememberContext } from '../refusal/describe-refusal.ts';
import type { TokenSource } from '../token/token-source.ts';
import { concludeCall } from './conclude-call.ts';
import { FetchCall, type FetchCallParts, type InstellixRequestInit } from './fetch-call.ts';

/** What {@link createApiFetch} works with. */
export interface ApiFetchParts extends FetchCallParts {
  /** Realm and environment, for messages. */
  readonly subject: string;
  readonly tokens: TokenSource & {
    /** @throws RequestRefusedError `client_closed` when there are no more calls to be made */
    ensureOpen(): void;
  };
}

/** Makes a `fetch` that authorises calls of the API, and nothing else. */
export function createApiFetch(parts: ApiFetchParts) {
  const { subject, tokens } = parts;
  return async (input: string | URL | Request, init: InstellixRequestInit = {}): Promise<Response> => {
    const call = new FetchCall(parts, input, init);
    const { start, signal } = call;
    signal?.throwIfAborted();
    // The caller brought an Authorization of its own: it is kept, and its 401 is the caller's concern.
    const isOwn = start.headers.has('authorization');
    if (isOwn) tokens.ensureOpen();
    const token = isOwn ? undefined : (tokens.peekToken() ?? (await tokens.getToken({ signal })));
    const { response } = await concludeCall(call, await call.send(token), token);
    rememberContext(response, { subject, requiredScope: init.instellix?.requiredScope });
    return response;
  };
}
