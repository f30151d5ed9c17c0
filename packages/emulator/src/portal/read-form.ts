import { parseMediaType } from '../http/media-type.ts';
import { readBody } from '../http/read-body.ts';
import { PortalRefusal } from './portal-page.ts';

const MAX_BYTES = 16_384;

/** Reads a submitted form. @throws PortalRefusal */
export async function readForm(request: Request, isFramed: boolean): Promise<URLSearchParams> {
  if (parseMediaType(request.headers.get('content-type'))?.essence !== 'application/x-www-form-urlencoded') {
    throw new PortalRefusal(415, 'The portal accepts only forms (application/x-www-form-urlencoded).', 'no form');
  }
  const body = await readBody(request, MAX_BYTES, isFramed);
  if (body === 'too_large') throw new PortalRefusal(413, 'This form is too large. Enter shorter values.', 'too large');
  if (body === 'broken_off')
    throw new PortalRefusal(400, 'The form did not arrive completely. Send it again.', 'broken off');
  return new URLSearchParams(new TextDecoder().decode(body));
}
