import { AsyncResource } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { ProxyRejection } from './proxy-problem.ts';
import type { ProxySettings } from './proxy-settings.ts';

/** The body of a request on its way to the API. Its beginning is kept, so that a body that is short enough can be sent again. */
export class RequestBody {
  readonly #source: IncomingMessage;
  readonly #settings: ProxySettings;
  readonly #onComplete: () => void;
  readonly #fail: (error: Error) => void;
  #kept: Buffer[] | undefined;
  /** Bytes that have arrived. Written here only. */
  receivedBytes = 0;
  #stream: Readable | undefined;

  /**
   * @param onComplete called when all of the body has arrived
   * @param fail called when the body is longer than allowed; the rest is dropped
   */
  constructor(source: IncomingMessage, settings: ProxySettings, onComplete: () => void, fail: (error: Error) => void) {
    this.#source = source;
    this.#settings = settings;
    this.#onComplete = onComplete;
    this.#fail = fail;
    this.#kept = settings.resendBodyBytes > 0 ? [] : undefined;
    source.on('data', this.#onData).on('end', this.#onEnd);
    source.pause();
  }

  /** Whether all of the body has arrived. */
  get isComplete(): boolean {
    return this.#source.readableEnded;
  }

  /** Whether the caller has not yet sent what the API can take. */
  get isWaitingForCaller(): boolean {
    return !this.isComplete && !this.#source.isPaused();
  }

  /** Whether all that has arrived was kept. */
  get canBeResent(): boolean {
    return this.#kept !== undefined;
  }

  /** Reads the body to its end before any of it is sent. Only for a body that is kept whole. */
  collect(): void {
    this.#source.resume();
  }

  /** Returns the body from its beginning: as bytes once all have arrived, else as a stream. */
  open(): Buffer | Readable {
    if (this.isComplete) return Buffer.concat(this.#kept ?? []);
    // Destroying it leaves the connection of the caller open, because the response is still to be sent.
    const stream = new Readable({
      highWaterMark: 64 * 1024,
      read: () => {
        if (this.#stream === stream) this.#source.resume();
      },
    });
    for (const chunk of this.#kept ?? []) stream.push(chunk);
    this.#stream = stream;
    return stream;
  }

  /** Stops reading until the body is opened again. */
  hold(): void {
    this.#stream = undefined;
    this.#source.pause();
  }

  /** Drops what is left of the body. Nothing is called after that. */
  close(): void {
    this.#source.off('data', this.#onData).off('end', this.#onEnd).resume();
    this.#kept = undefined;
    this.#stream = undefined;
  }

  // Node emits data in the asynchronous context of the connection, not in that of the request.
  readonly #onData = AsyncResource.bind((chunk: Buffer): void => {
    this.receivedBytes += chunk.length;
    const { maxBodyBytes, resendBodyBytes } = this.#settings;
    if (this.receivedBytes > maxBodyBytes) {
      this.close();
      this.#fail(new ProxyRejection('body_too_large', { reason: `more than ${maxBodyBytes} bytes` }));
      return;
    }
    if (this.receivedBytes <= resendBodyBytes) this.#kept?.push(chunk);
    else this.#kept = undefined;
    if (this.#stream && !this.#stream.push(chunk)) this.#source.pause();
  });

  readonly #onEnd = AsyncResource.bind((): void => {
    this.#stream?.push(null);
    this.#onComplete();
  });
}
