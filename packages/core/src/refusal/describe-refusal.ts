import { RequestRefusedError } from '../error/request-refused-error.ts';
import { readRequiredScope } from './required-scope.ts';

/** What is known of a call that was refused; `client.fetch` remembers it for its responses. */
export interface RefusalContext {
  /** Realm and environment, as messages call them. */
  readonly subject?: string;
  /** The access right that the caller knows the operation to need, for when the API does not say. */
  readonly requiredScope?: string | undefined;
}

const contexts = /* @__PURE__ */ new WeakMap<object, RefusalContext>();

/** Remembers whose call a response answers, so that its refusal can be described from the response alone. */
export function rememberContext(response: object, context: RefusalContext): void {
  contexts.set(response, context);
}

/**
 * Turns a 401 or 403 of the API into an error that says what to do; undefined for every other answer. Does not touch the body.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3
 */
export function describeRefusal(
  response: { readonly status: number; readonly headers: Pick<Headers, 'get'> },
  context: RefusalContext | undefined = contexts.get(response),
): RequestRefusedError | undefined {
  const { status, headers } = response;
  const subject = context?.subject ? ` for ${context.subject}` : '';
  if (status === 401) {
    return new RequestRefusedError(
      'token_rejected',
      `The API answered 401${subject}: it refuses the access token. Check that API and token endpoint belong to the same environment and realm.`,
    );
  }
  if (status !== 403) return undefined;
  const requiredScope = readRequiredScope(headers.get('www-authenticate')) ?? context?.requiredScope;
  const right = requiredScope ? `\`${requiredScope}\`` : 'the access right of this operation';
  return new RequestRefusedError(
    'insufficient_scope',
    `The API answered 403${subject}: the credential lacks ${right}. Ask someone with the portal role to assign a role that holds it.`,
    { requiredScope },
  );
}
