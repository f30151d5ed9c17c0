import type { IncomingMessage, ServerResponse } from 'node:http';
import { removeTransferEncoding } from '../problem/problem-details.ts';
import type { ApiResponse } from './api-request.ts';

/** `compression()` adds the method; Node before 24 has a deprecated one of that name on the prototype. */
type FlushableResponse = ServerResponse & { flush: () => void };

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
  { status, request: apiRequest }: ApiResponse,
  headers: readonly (readonly [name: string, value: string | string[]])[],
  request: IncomingMessage,
  response: ServerResponse,
  listener: RelayListener,
): void {
  // What middleware has set describes no body of the API, and would leave open where the response ends.
  response.removeHeader('Content-Length');
  for (const [name, value] of headers) response.setHeader(name, value);
  if (response.hasHeader('Content-Length')) removeTransferEncoding(response);
  response.writeHead(status);
  // These have no body, whatever their Content-Length says (RFC 9110 section 8.6).
  if (request.method === 'HEAD' || status === 204 || status === 304) {
    apiRequest.discard();
    listener.onComplete();
    response.end();
    return;
  }
  const isFlushed = isEventStream(response) && Object.hasOwn(response, 'flush');
  let hasData = false;
  response.on('drain', () => apiRequest.resume());
  apiRequest.pipe({
    onData(chunk) {
      hasData = true;
      listener.onProgress();
      const isTaken = response.write(chunk);
      if (isFlushed) (response as FlushableResponse).flush();
      // Sockets of Lambda adapters return nothing, and never emit `drain`.
      return isTaken !== false;
    },
    onEnd() {
      hasData = true;
      listener.onComplete();
      response.end();
    },
    onError: (error) => listener.onBroken(error),
  });
  // The head is sent together with the data that arrived with it, but never waits for data that may come later.
  if (!hasData) response.flushHeaders();
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

/** Returns how many bytes have left this process for the caller. */
export function countDelivered({ socket }: ServerResponse): number {
  return (socket?.bytesWritten ?? 0) - (socket?.writableLength ?? 0);
}
