import { type BodyProblem, mediaTypeOf, type ReceivedBody } from '../../http/body.ts';

/** The parameters of a token request, or the problem with them. */
export type TokenForm = { readonly parameters: ReadonlyMap<string, string> } | BodyProblem;

/**
 * Reads the form of a token request: multipart, as the vendor documents (F4), or urlencoded, as RFC 6749 requires.
 *
 * @see RFC 6749 section 3.2
 */
export async function readTokenForm(
  headers: Headers,
  body: ReceivedBody,
  acceptsMultipart: boolean,
): Promise<TokenForm> {
  if (!/^(?:identity)?$/i.test(headers.get('content-encoding') ?? '')) {
    return { problem: 'the body must not be compressed', status: 415 };
  }
  if ('problem' in body) return body;
  const types = [...(acceptsMultipart ? ['multipart/form-data'] : []), 'application/x-www-form-urlencoded'];
  if (!types.includes(mediaTypeOf(headers))) return toProblem(`the body must be ${types.join(' or ')}`);
  const response = new Response(body.content, { headers: { 'content-type': headers.get('content-type') ?? '' } });
  const form = await response.formData().catch(() => undefined);
  if (form === undefined) return toProblem('the multipart form is malformed, or its boundary is missing');
  const parameters = new Map<string, string>();
  for (const [name, value] of form) {
    if (typeof value !== 'string') return toProblem('a parameter must not be a file');
    if (parameters.has(name)) return toProblem('a parameter is given more than once');
    parameters.set(name, value);
  }
  // A parameter without a value counts as left out (RFC 6749 section 3.2).
  for (const [name, value] of parameters) if (value === '') parameters.delete(name);
  return { parameters };
}

function toProblem(problem: string): BodyProblem {
  return { problem, status: 400 };
}
