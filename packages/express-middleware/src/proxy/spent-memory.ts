import { channel } from 'node:diagnostics_channel';
import { OutgoingMessage, type ServerResponse } from 'node:http';
import * as threads from 'node:worker_threads';

/** Whoever listens here is shown each piece of an answer, and may keep it. */
const watchers = channel('undici:request:bodyChunkReceived');
/** Shorter pieces, bytes, are not worth the call. */
const leastBytes = 1024;
/** Node 20 cannot do it, and leaves all memory to its garbage collector. */
const isPossible = 'transfer' in ArrayBuffer.prototype && 'isMarkedAsUntransferable' in threads;

/**
 * Gives the memory of an answer back as soon as the caller has it.
 *
 * Every read from a socket is a buffer of its own, and the garbage collector looks for those that nobody needs any more only
 * when 64 MiB of them have piled up. docs/decisions/0009-memory-is-given-back.md has the reasons.
 */
export class SpentMemory {
  readonly #response: ServerResponse;
  #last: Buffer | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** What is to be done once a piece has been written, if anything. */
  whenWritten(piece: Buffer): ((error?: Error | null) => void) | undefined {
    // Undici may look at a piece again until it has found the next one.
    const spent = this.#last;
    this.#last = piece;
    if (!isPossible || !spent || !this.#isOurs(spent)) return undefined;
    const { buffer } = spent;
    return (error) => {
      if (!error && buffer instanceof ArrayBuffer) buffer.transfer(0);
    };
  }

  /** Whether nobody else can hold the memory behind a piece. */
  #isOurs({ buffer, byteOffset, length }: Buffer): boolean {
    return (
      length >= leastBytes &&
      // Nothing lies behind it that has not been read yet; what lies before it has been written before it.
      byteOffset + length === buffer.byteLength &&
      // Node lends pieces of one buffer to everybody; those it has marked.
      !threads.isMarkedAsUntransferable(buffer) &&
      // Compression and loggers put a function of their own here, and may keep what they are given.
      this.#response.write === OutgoingMessage.prototype.write &&
      !watchers.hasSubscribers
    );
  }
}
