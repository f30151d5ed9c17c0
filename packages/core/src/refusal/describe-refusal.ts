import { RequestRefusedError } from '../error/request-refused-error.ts';
import { hideUrlQueries } from '../secret/hide-url-queries.ts';
import type { AccessToken } from '../token/access-token.ts';
import { readBearerChallenge } from './read-bearer-challenge.ts';

/** What is known about a call that was refused. `client.fetch` remembers it for its responses. */
export interface RefusalContext {
  /** Realm and environment, as messages name them. */
  readonly subject?: string | undefined;
  /** The access right that the operation needs, for when the API does not name it. */
  readonly requiredScope?: string | undefined;
  /** The token that the call was sent with. If the API repeats it as a scope, it must not appear in a message. */
  readonly token?: Pick<AccessToken, 'value'> | undefined;
}

const contexts = /* @__PURE__ */ new WeakMap<object, RefusalContext>();

/** Remembers the call of a response, so that {@link describeRefusal} needs only the response. */
export function rememberContext(response: object, context: RefusalContext): void {
  contexts.set(response, context);
}

/**
 * Turns a 401 or 403 of the API into an error with a remedy in its message; undefined for every other response. Does not read the body.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
export function describeRefusal(
  response: { readonly status: number; readonly headers: Pick<Headers, 'get'> },
  context: RefusalContext | undefined = contexts.get(response),
): RequestRefusedError | undefined {
  const { status, headers } = response;
  const subject = context?.subject ? ` for ${hideUrlQueries(context.subject)}` : '';
  if (status === 401) {
    return new RequestRefusedError(
      'token_rejected',
      `The API responded with 401${subject}: it rejected the access token. Check that API and token endpoint belong to the same environment and realm.`,
    );
  }
  if (status !== 403) return undefined;
  const named = readBearerChallenge(headers.get('www-authenticate')).scope;
  const showsToken = named !== undefined && context?.token !== undefined && named.includes(context.token.value);
  const requiredScope = showsToken ? context.requiredScope : (named ?? context?.requiredScope);
  const right = requiredScope ? `\`${requiredScope}\`` : 'the access right of this operation';
  return new RequestRefusedError(
    'insufficient_scope',
    `The API responded with 403${subject}: the credential lacks ${right}. Ask someone with the portal role to assign a role that holds it; tokens that are issued after that have it.`,
    { requiredScope },
  );
}
