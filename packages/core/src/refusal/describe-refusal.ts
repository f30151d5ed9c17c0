import { RequestRefusedError } from '../error/request-refused-error.ts';
import { parseBearerChallenge } from './challenge.ts';

/** What is known of a call that was refused; `client.fetch` remembers it for its responses. */
export interface RefusalContext {
  readonly environment?: string;
  readonly realm?: string;
  /** The access right that the caller knows the operation to need, for when the API does not say. */
  readonly requiredScope?: string | undefined;
}

const contexts = new WeakMap<object, RefusalContext>();

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
  context: RefusalContext = contexts.get(response) ?? {},
): RequestRefusedError | undefined {
  const { status, headers } = response;
  const { environment, realm } = context;
  const subject = `${realm ? ` of realm ${JSON.stringify(realm)}` : ''}${environment ? ` in environment ${environment}` : ''}`;
  if (status === 401) {
    return new RequestRefusedError(
      'token_rejected',
      `The API answered 401: it does not accept the access token${subject}. Check that the API and the token endpoint belong together, and that the call was one that may be sent again.`,
    );
  }
  if (status !== 403) return undefined;
  const requiredScope = parseBearerChallenge(headers.get('www-authenticate'))?.scope ?? context.requiredScope;
  const right = requiredScope === undefined ? 'the access right that this operation needs' : `\`${requiredScope}\``;
  return new RequestRefusedError(
    'insufficient_scope',
    `The API answered 403: the credential${subject} lacks ${
      requiredScope === undefined ? 'an access right' : `the access right ${right}`
    }. A new token does not help: ask someone with the portal role to assign a role that holds ${right}.`,
    { requiredScope },
  );
}
