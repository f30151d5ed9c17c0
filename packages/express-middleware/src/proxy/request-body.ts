import { AsyncResource } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { ProxySettings } from './proxy-settings.ts';

/** Called while a body arrives, in the asynchronous context of its request. Node emits data in that of the connection. */
export interface BodyListener {
  /** All of the body has arrived. */
  onComplete(): void;
  /** The body is longer than allowed. The rest is dropped. */
  onOverflow(): void;
}

/** The body of a request on its way to the API. Its beginning is kept, so that a body that is short enough can be sent again. */
export class RequestBody {
  readonly #source: IncomingMessage;
  readonly #limits: Pick<ProxySettings, 'maxBodyBytes' | 'resendBodyBytes'>;
  readonly #listener: BodyListener;
  #kept: Buffer[] | undefined;
  #receivedBytes = 0;
  #stream: Readable | undefined;

  constructor(
    source: IncomingMessage,
    limits: Pick<ProxySettings, 'maxBodyBytes' | 'resendBodyBytes'>,
    listener: BodyListener,
  ) {
    this.#source = source;
    this.#limits = limits;
    this.#listener = listener;
    this.#kept = limits.resendBodyBytes > 0 ? [] : undefined;
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

  get receivedBytes(): number {
    return this.#receivedBytes;
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

  readonly #onData = AsyncResource.bind((chunk: Buffer): void => {
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes > this.#limits.maxBodyBytes) {
      this.close();
      this.#listener.onOverflow();
      return;
    }
    if (this.#receivedBytes <= this.#limits.resendBodyBytes) this.#kept?.push(chunk);
    else this.#kept = undefined;
    if (this.#stream && !this.#stream.push(chunk)) this.#source.pause();
  });

  readonly #onEnd = AsyncResource.bind((): void => {
    this.#stream?.push(null);
    this.#listener.onComplete();
  });
}
