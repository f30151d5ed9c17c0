import { channel } from 'node:diagnostics_channel';
import { OutgoingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import * as threads from 'node:worker_threads';

/** Node's own, as they are before anybody can have put others in their place. */
const { write: writeResponse } = OutgoingMessage.prototype;
const { write: writeSocket } = Socket.prototype;
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
  #isFirst = true;
  /** The piece before, if it is nobody's but ours. */
  #last: Buffer | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** What to do once this piece is written, if anything: give back the one before it. */
  whenWritten(piece: Buffer): ((error?: Error | null) => void) | undefined {
    const spent = this.#last;
    this.#last = isPossible && this.#isOurs(piece) ? piece : undefined;
    this.#isFirst = false;
    if (!spent) return undefined;
    const { buffer } = spent;
    // One behind: undici may look at a piece again until it has handed out the next one, and pieces are written in order.
    return (error) => {
      if (!error && buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
    };
  }

  /** Whether nobody else can hold the memory behind a piece, now that it arrives. */
  #isOurs({ buffer, byteOffset, length }: Buffer): boolean {
    const { socket, write } = this.#response;
    return (
      // The first one shares its memory with the headers, which undici shows to others.
      !this.#isFirst &&
      length >= leastBytes &&
      // Nothing lies behind it that has not been read yet; what lies before it has been written before it.
      byteOffset + length === buffer.byteLength &&
      // Node lends pieces of one buffer to everybody; those it has marked.
      !threads.isMarkedAsUntransferable(buffer) &&
      // Compression and loggers put functions of their own here, and may keep what they are given. So may what is no socket.
      write === writeResponse &&
      socket instanceof Socket &&
      socket.write === writeSocket &&
      !watchers.hasSubscribers
    );
  }
}
