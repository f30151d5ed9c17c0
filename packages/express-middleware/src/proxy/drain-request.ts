import type { IncomingMessage, ServerResponse } from 'node:http';

/** Long enough for the response to arrive before the connection ends. */
const lingerMs = 1_000;

/**
 * Reads and discards the rest of a request whose response was sent before its body was complete.
 *
 * Closing the connection at once would reset it, and many callers would never see the response. When the body does not end soon, the
 * connection is closed.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
export function drainRequest(request: IncomingMessage, response: ServerResponse): void {
  const { socket } = request;
  request.resume();
  response.once('finish', () => {
    if (request.complete) return;
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    request.once('close', () => clearTimeout(timer));
  });
}
