import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** What a body tells about its arrival. */
export interface BodyListener {
  progressed(): void;
  /** All of it has arrived. */
  completed(): void;
  /** There is more of it than may be; it is not read any further. */
  overflowed(): void;
}

/** How much of a body is taken in. */
export interface BodyLimits {
  readonly maxBodyBytes: number;
  readonly replayBodyBytes: number;
}

/** The body of a request on its way to the API; its beginning is kept, so that it can be sent again while that is all of it. */
export class RequestBody {
  readonly #source: IncomingMessage;
  readonly #limits: BodyLimits;
  readonly #listener: BodyListener;
  #kept: Buffer[] | undefined;
  #received = 0;
  #isComplete = false;
  #stream: Readable | undefined;

  constructor(source: IncomingMessage, limits: BodyLimits, listener: BodyListener) {
    this.#source = source;
    this.#limits = limits;
    this.#listener = listener;
    this.#kept = limits.replayBodyBytes > 0 ? [] : undefined;
    source.on('data', this.#onData).on('end', this.#onEnd);
    source.pause();
  }

  /** Whether all of it has arrived. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Whether the last that arrived has not yet gone out. */
  get isHeldBack(): boolean {
    return this.#source.isPaused();
  }

  /** Whether nothing that has arrived is lost. */
  get canBeSentAgain(): boolean {
    return this.#kept !== undefined;
  }

  /** Reads it to its end before any of it is sent; only for what may be kept whole. */
  collect(): void {
    this.#source.resume();
  }

  /** Returns it from its beginning: as bytes once all have arrived, else as they come. */
  open(): Buffer | Readable {
    if (this.#isComplete) return Buffer.concat(this.#kept ?? []);
    const source = this.#source;
    const stream = new Readable({
      highWaterMark: 64 * 1024,
      read: () => {
        if (this.#stream === stream) source.resume();
      },
      destroy: (error, done) => {
        // The caller's connection lives on: it still has to be answered.
        if (this.#stream === stream) this.#stream = undefined;
        done(error);
      },
    });
    this.#stream = stream;
    for (const chunk of this.#kept ?? []) stream.push(chunk);
    return stream;
  }

  /** Reads on only once it is opened again. */
  hold(): void {
    this.#stream = undefined;
    this.#source.pause();
  }

  /** Stops reading. */
  close(): void {
    this.#source.off('data', this.#onData).off('end', this.#onEnd).pause();
    this.#kept = undefined;
    this.#stream = undefined;
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#received += chunk.length;
    if (this.#received > this.#limits.maxBodyBytes) {
      this.close();
      this.#listener.overflowed();
      return;
    }
    if (this.#received <= this.#limits.replayBodyBytes) this.#kept?.push(chunk);
    else this.#kept = undefined;
    this.#listener.progressed();
    if (this.#stream && !this.#stream.push(chunk)) this.#source.pause();
  };

  readonly #onEnd = (): void => {
    this.#isComplete = true;
    this.#stream?.push(null);
    this.#listener.completed();
  };
}
