import type { IncomingMessage, ServerResponse } from 'node:http';
import { removeTransferEncoding } from '../problem/problem-details.ts';
import type { ApiRequest, BodySink } from './api-request.ts';

const eventStream = /^text\/event-stream\b/i;

/** Sends the body of the API's response to the caller, at the pace of the caller. */
export class ResponseRelay implements BodySink {
  readonly #request: ApiRequest;
  readonly #response: ServerResponse;
  readonly #listener: Pick<BodySink, 'onEnd' | 'onError'>;
  readonly #isFlushed: boolean;
  #receivedBytes = 0;
  /** Whether the whole response has arrived from the API. Written here only. */
  isComplete = false;

  /** @param listener called when the whole response has arrived from the API, or when it has broken off */
  constructor(request: ApiRequest, response: ServerResponse, listener: Pick<BodySink, 'onEnd' | 'onError'>) {
    this.#request = request;
    this.#response = response;
    this.#listener = listener;
    // `compression()` adds the method; Node before 24 has a deprecated one of that name on the prototype.
    this.#isFlushed = Object.hasOwn(response, 'flush') && eventStream.test(String(response.getHeader('content-type')));
    response.on('drain', () => request.resume());
  }

  /** Whether the caller has not yet taken what has arrived. */
  get isWaitingForCaller(): boolean {
    return this.isComplete || this.#request.isPaused;
  }

  /** Bytes that have arrived from the API, and bytes that have left this process for the caller. */
  get movedBytes(): number {
    const { socket } = this.#response;
    return this.#receivedBytes + (socket?.bytesWritten ?? 0) - (socket?.writableLength ?? 0);
  }

  /** Sends the head without waiting for data that may come later. Data that has arrived with it is sent together with it. */
  flushHead(): void {
    if (this.#receivedBytes === 0 && !this.isComplete) this.#response.flushHeaders();
  }

  onData(chunk: Buffer): boolean {
    this.#receivedBytes += chunk.length;
    const isTaken = this.#response.write(chunk);
    if (this.#isFlushed) (this.#response as ServerResponse & { flush: () => void }).flush();
    // Sockets of Lambda adapters return nothing, and never emit `drain`.
    return isTaken !== false;
  }

  onEnd(): void {
    this.isComplete = true;
    this.#listener.onEnd();
    this.#response.end();
  }

  onError(error: Error): void {
    this.#listener.onError(error);
  }
}

/** Writes the head of a response, which is sent with the first data, or with {@link ResponseRelay.flushHead}. */
export function writeHead(
  response: ServerResponse,
  status: number,
  headers: readonly (readonly [name: string, value: string | string[]])[],
): void {
  // What middleware has set describes no body of the API, and would leave open where the response ends.
  response.removeHeader('Content-Length');
  for (const [name, value] of headers) response.setHeader(name, value);
  if (response.hasHeader('Content-Length')) removeTransferEncoding(response);
  response.writeHead(status);
}

/** Returns the status that was sent to the caller; undefined when none was. */
export function sentStatus(response: ServerResponse): number | undefined {
  return response.headersSent ? response.statusCode : undefined;
}

/** Returns whether a response has no body, whatever its Content-Length says (RFC 9110 section 8.6). */
export function isBodiless(method: string | undefined, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 304;
}

/** Returns whether a response waits for others of its connection, because the caller has sent several requests at once. */
export function isWaitingForTurn(response: ServerResponse): boolean {
  return !response.socket;
}

/** Ends a response so that no caller can take it for a complete one. */
export function truncateResponse(request: IncomingMessage, response: ServerResponse): void {
  const endsWithConnection = request.httpVersion === '1.0' && !response.hasHeader('content-length');
  const isWaiting = isWaitingForTurn(response);
  try {
    // An orderly end of the connection would look like the end of the response, or of the one that it waits for.
    if (endsWithConnection || isWaiting) request.socket.resetAndDestroy();
  } catch {
    // Only TCP sockets can be reset. Under TLS, the missing close_notify shows that the response is not complete.
  }
  response.destroy();
  // Node would send the part that has arrived when its turn comes, and then nothing.
  if (isWaiting) request.socket?.destroy();
}
