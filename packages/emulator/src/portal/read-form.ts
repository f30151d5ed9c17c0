import { parseMediaType } from '../http/media-type.ts';
import { readBody } from '../http/read-body.ts';
import { PortalRefusal } from './portal-page.ts';

const MOST_BYTES = 16_384;

/** Reads a form as browsers send it. @throws PortalRefusal */
export async function readForm(request: Request, isFramed: boolean): Promise<URLSearchParams> {
  if (parseMediaType(request.headers.get('content-type'))?.essence !== 'application/x-www-form-urlencoded') {
    throw new PortalRefusal(415, 'The portal understands forms only.', 'no form');
  }
  const body = await readBody(request, MOST_BYTES, isFramed);
  if (body === 'too_large') throw new PortalRefusal(413, 'This form is too large.', 'too large');
  if (body === 'broken_off') throw new PortalRefusal(400, 'This form did not arrive completely.', 'broken off');
  return new URLSearchParams(new TextDecoder().decode(body));
}
