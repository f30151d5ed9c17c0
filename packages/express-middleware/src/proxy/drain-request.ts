import type { IncomingMessage, ServerResponse } from 'node:http';

/** Long enough for the answer to arrive before the connection goes. */
const lingerMs = 1_000;

/**
 * Reads on, without looking, for a caller that has been answered before its body was whole.
 *
 * Closing at once would reset the connection, and many callers would never see the answer. A caller that does not come to
 * an end soon is cut off.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
export function drainRequest(request: IncomingMessage, response: ServerResponse): void {
  if (request.complete) return;
  const { socket } = request;
  request.resume();
  response.once('finish', () => {
    if (request.complete) return;
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    request.once('close', () => clearTimeout(timer));
    request.once('end', () => clearTimeout(timer));
  });
}
