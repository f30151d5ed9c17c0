import { formEncode } from './basic-credentials.ts';

/** A body of a token request and its `Content-Type`. */
export interface TokenRequestBody {
  readonly contentType: string;
  /** A string, never a `FormData`: a `fetch` of another package recognises only the `FormData` of its own. */
  readonly content: string;
}

/** The start of every boundary. */
const boundaryPrefix = 'instellix-token-request';

/**
 * Creates the body of a token request.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2
 * @see https://www.rfc-editor.org/rfc/rfc7578#section-4
 */
export function createTokenRequestBody(
  bodyFormat: 'multipart' | 'urlencoded',
  scope: string | undefined,
): TokenRequestBody {
  const fields: [name: string, value: string][] = [['grant_type', 'client_credentials']];
  if (scope !== undefined) fields.push(['scope', scope]);
  if (bodyFormat === 'urlencoded') {
    const content = fields.map(([name, value]) => `${name}=${formEncode(value)}`).join('&');
    return { contentType: 'application/x-www-form-urlencoded', content };
  }
  let boundary = boundaryPrefix;
  // Parsers look for the boundary in the scope, too.
  for (let number = 1; scope?.includes(boundary); number++) boundary = `${boundaryPrefix}-${number}`;
  const parts = fields.map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return { contentType: `multipart/form-data; boundary=${boundary}`, content: `${parts.join('')}--${boundary}--\r\n` };
}
