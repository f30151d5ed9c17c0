import { parseMediaType } from '../http/media-type.ts';
import { readBody } from '../http/read-body.ts';
import { isPlainObject } from '../state/input/read-object.ts';
import { Problem } from './problem.ts';
import type { Given } from './verb.ts';

const MOST_BYTES = 1_048_576;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the JSON object of a request. Only `application/json` counts, which no form of a strange web page can send.
 *
 * @throws Problem
 */
export async function readGiven(request: Request, isFramed: boolean): Promise<Given> {
  if (parseMediaType(request.headers.get('content-type'))?.essence !== 'application/json') {
    throw new Problem(415, 'unsupported_media_type', 'the body must be a JSON object, of the type application/json');
  }
  const body = await readBody(request, MOST_BYTES, isFramed);
  if (body === 'too_large') throw new Problem(413, 'too_large', `the body must not exceed ${MOST_BYTES} bytes`);
  if (body === 'broken_off') throw new Problem(400, 'invalid_request', 'the body ended too early');
  let given: unknown;
  try {
    given = JSON.parse(utf8.decode(body));
  } catch {
    // The cause quotes the body, secrets included.
    throw new Problem(400, 'invalid_request', 'the body is not JSON');
  }
  if (!isPlainObject(given)) throw new Problem(400, 'invalid_request', 'the body must be a JSON object');
  return given;
}
