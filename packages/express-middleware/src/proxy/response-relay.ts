import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';

type ApiResponse = Pick<Dispatcher.ResponseData, 'statusCode' | 'body'>;

/** `compression()` adds the method; Node before 24 has a deprecated one of that name on the prototype. */
type FlushableResponse = ServerResponse & { flush?: () => void };

/** Reading more than this of a response that is not forwarded costs more than the connection that it saves. */
const discardLimit = 64 * 1024;
const discardMs = 2_000;

/** Called while a response is relayed. */
export interface RelayListener {
  onProgress(): void;
  /** The whole response has arrived from the API. */
  onComplete(): void;
  /** The response broke off. */
  onBroken(error: Error): void;
}

/** Sends the API's response to the caller, at the pace of the caller. */
export function relayResponse(
  { statusCode, body }: ApiResponse,
  headers: readonly (readonly [name: string, value: string | string[]])[],
  request: IncomingMessage,
  response: ServerResponse,
  listener: RelayListener,
): void {
  for (const [name, value] of headers) response.setHeader(name, value);
  response.writeHead(statusCode);
  // These have no body, whatever their Content-Length says (RFC 9110 section 8.6).
  if (request.method === 'HEAD' || statusCode === 204 || statusCode === 304) {
    discardBody(body);
    listener.onComplete();
    response.end();
    return;
  }
  body.on('data', () => listener.onProgress());
  body.once('end', () => listener.onComplete()).once('error', (error) => listener.onBroken(error));
  body.pipe(response);
  if (isEventStream(response) && Object.hasOwn(response, 'flush')) {
    body.on('data', () => (response as FlushableResponse).flush?.());
  }
  // The head is sent together with the data that arrived with it, but never waits for data that may come later.
  if (body.readableLength === 0) response.flushHeaders();
}

/** Reads a response that is not forwarded to its end, so that its connection can be used again. A long or slow one is cut off. */
export function discardBody(body: ApiResponse['body']): void {
  body
    .on('error', () => {})
    .dump({ limit: discardLimit, signal: AbortSignal.timeout(discardMs) })
    .catch(() => {});
}

/** Ends a response so that no caller can take it for a complete one. */
export function truncateResponse(request: IncomingMessage, response: ServerResponse): void {
  const endsWithConnection = request.httpVersion === '1.0' && !response.hasHeader('content-length');
  try {
    // An orderly end of the connection would look like the end of the response.
    if (endsWithConnection) response.socket?.resetAndDestroy();
  } catch {
    // Only TCP sockets can be reset. Under TLS, the missing close_notify shows that the response is not complete.
  }
  response.destroy();
}

function isEventStream(response: ServerResponse): boolean {
  return /^text\/event-stream\b/i.test(String(response.getHeader('content-type')));
}
