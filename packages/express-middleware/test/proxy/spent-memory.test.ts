import { createHash, randomBytes } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { connect, Socket } from 'node:net';
import { duplexPair, PassThrough } from 'node:stream';
import type { RequestHandler } from 'express';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { SpentMemory } from '../../src/proxy/spent-memory.ts';
import { ProxyFixture, rawRequest, until } from './proxy-fixture.ts';
import { rawAnswer, saying } from './scripted-upstream.ts';

/** A piece as a read from a socket gives it: at the end of a buffer of its own. */
function readPiece(length = 16 * 1024, before = 0): Buffer {
  return Buffer.allocUnsafeSlow(before + length)
    .fill('a')
    .subarray(before);
}

function createResponse(socket = new Socket()): ServerResponse {
  const response = new ServerResponse(new IncomingMessage(socket));
  response.assignSocket(socket);
  return response;
}

/** Whether the memory of a piece is given back once the next one has been written. */
function isGivenBack(piece: Buffer, response = createResponse(), error?: Error): boolean {
  const spent = new SpentMemory(response);
  spent.whenWritten(readPiece());
  expect(spent.whenWritten(piece)).toBeUndefined();
  spent.whenWritten(readPiece())?.(error);
  return piece.length === 0;
}

describe('the memory of a piece', () => {
  test('is given back once the next one has been written', () => {
    expect(isGivenBack(readPiece())).toBe(true);
    expect(isGivenBack(readPiece(16 * 1024, 200))).toBe(true);
  });

  test('is left alone before that', () => {
    const spent = new SpentMemory(createResponse());
    const pieces = [readPiece(), readPiece(), readPiece(), readPiece()];
    const written = pieces.map((piece) => spent.whenWritten(piece));
    expect(pieces.map(({ length }) => length)).toEqual([16_384, 16_384, 16_384, 16_384]);
    written[2]?.();
    expect(pieces.map(({ length }) => length)).toEqual([16_384, 0, 16_384, 16_384]);
  });

  test('is left alone when it is the first: it may share it with headers', () => {
    const spent = new SpentMemory(createResponse());
    const first = readPiece();
    spent.whenWritten(first);
    spent.whenWritten(readPiece())?.();
    expect(first.length).toBe(16_384);
  });

  test('is left alone when somebody has given it back already', () => {
    const piece = readPiece();
    const spent = new SpentMemory(createResponse());
    spent.whenWritten(readPiece());
    spent.whenWritten(piece);
    const written = spent.whenWritten(readPiece());
    structuredClone(piece.buffer, { transfer: [piece.buffer as ArrayBuffer] });
    expect(() => written?.()).not.toThrow();
  });

  test('is left alone when the write has failed: the socket may still hold it', () => {
    expect(isGivenBack(readPiece(), createResponse(), new Error('gone'))).toBe(false);
  });

  test('is left alone when more of what was read lies behind it', () => {
    expect(isGivenBack(readPiece(32 * 1024).subarray(0, 16 * 1024))).toBe(false);
  });

  test('is left alone when it is small', () => {
    expect(isGivenBack(readPiece(512))).toBe(false);
  });

  test('is left alone when Node lends it to others, too', () => {
    const { poolSize } = Buffer;
    Buffer.poolSize = 64 * 1024;
    try {
      // A new pool, which the last piece of it uses up.
      Buffer.allocUnsafe(30 * 1024);
      const others = [Buffer.allocUnsafe(30 * 1024), Buffer.allocUnsafe(30 * 1024)];
      const pooled = others.map(({ buffer }) => Buffer.from(buffer, buffer.byteLength - 16 * 1024, 16 * 1024));
      expect(pooled.map((piece) => isGivenBack(piece))).toEqual([false, false]);
    } finally {
      Buffer.poolSize = poolSize;
    }
  });

  test('is left alone when something else writes the response', () => {
    const response = createResponse();
    const { write } = response;
    response.write = ((...parameters: Parameters<typeof write>) => write.apply(response, parameters)) as typeof write;
    expect(isGivenBack(readPiece(), response)).toBe(false);
  });

  test('is left alone when something else wrote it, and is gone since', () => {
    const response = createResponse();
    const { write } = response;
    const spent = new SpentMemory(response);
    const piece = readPiece();
    spent.whenWritten(readPiece());
    response.write = () => true;
    spent.whenWritten(piece);
    response.write = write;
    spent.whenWritten(readPiece())?.();
    expect(piece.length).toBe(16_384);
  });

  test('is left alone when no socket of Node writes it', () => {
    const socket = new Socket();
    socket.write = () => true;
    expect(isGivenBack(readPiece(), createResponse(socket))).toBe(false);
    expect(isGivenBack(readPiece(), createResponse(new PassThrough() as never))).toBe(false);
  });

  test('is left alone when somebody watches what undici receives', () => {
    const pieces = channel('undici:request:bodyChunkReceived');
    const watch = () => {};
    pieces.subscribe(watch);
    expect(isGivenBack(readPiece())).toBe(false);
    pieces.unsubscribe(watch);
    expect(isGivenBack(readPiece())).toBe(true);
  });
});

describe('what the caller gets is what the API has sent', () => {
  const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

  test('in whatever pieces it comes, and however slowly it is read', { timeout: 120_000 }, async () => {
    const fixture = await ProxyFixture.start();
    const body = randomBytes(2 ** 21);
    const lengths = fc.array(fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 4_000, max: 200_000 })), {
      minLength: 1,
      maxLength: 30,
    });
    const property = fc.asyncProperty(lengths, fc.boolean(), fc.boolean(), async (pieces, isChunked, isSlow) => {
      fixture.upstream.script = async (_, socket) => {
        socket.write(
          `HTTP/1.1 200 OK\r\n${isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`}\r\n\r\n`,
        );
        for (let at = 0, index = 0; at < body.length; index++) {
          const piece = body.subarray(at, at + (pieces[index % pieces.length] as number) * 16);
          at += piece.length;
          if (isChunked) socket.write(`${piece.length.toString(16)}\r\n`);
          if (!socket.write(piece)) await once(socket, 'drain');
          if (isChunked) socket.write('\r\n');
        }
        if (isChunked) socket.write('0\r\n\r\n');
      };
      const socket = connect(fixture.port, '127.0.0.1');
      socket.write(rawRequest('GET /api/items', ['Connection: close']));
      const received: Buffer[] = [];
      for await (const chunk of socket) {
        received.push(chunk);
        if (isSlow) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      expect(digest(bodyOf(Buffer.concat(received), isChunked))).toBe(digest(body));
    });
    await fc.assert(property, { numRuns: 30 });
  });

  test('when the connection is none of Node, and keeps what it is given', async () => {
    const fixture = await ProxyFixture.start();
    const body = randomBytes(2 ** 20);
    fixture.upstream.script = (_, socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
      socket.write(body);
    };
    const [ours, theirs] = duplexPair();
    fixture.server.emit('connection', theirs);
    ours.write(rawRequest('GET /api/items', ['Connection: close']));
    const received = await ours.toArray();
    expect(digest(bodyOf(Buffer.concat(received), false))).toBe(digest(body));
  });

  test('and its memory is given back', async () => {
    const transfer = vi.spyOn(ArrayBuffer.prototype, 'transfer');
    const fixture = await ProxyFixture.start();
    fixture.upstream.script = saying(rawAnswer('200 OK', 'a'.repeat(2 ** 22)));
    expect(await fixture.exchange(rawRequest('GET /api/items'))).toMatchObject({ status: 200, isWhole: true });
    expect(transfer.mock.calls.length).toBeGreaterThan(10);
    transfer.mockRestore();
  });

  test('when middleware keeps every piece until the end', async () => {
    const kept: Buffer[] = [];
    const keep: RequestHandler = (_, response, next) => {
      response.write = ((piece: Buffer, done?: () => void) => {
        kept.push(piece);
        if (done) queueMicrotask(done);
        return true;
      }) as typeof response.write;
      next();
    };
    const fixture = await ProxyFixture.start({}, (app, proxy) => app.use('/api', keep, proxy));
    const body = randomBytes(2 ** 20);
    fixture.upstream.script = (_, socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`);
      socket.write(body);
    };
    const client = await fixture.connect();
    client.send(rawRequest('GET /api/items'));
    await until(() => kept.reduce((sum, { length }) => sum + length, 0) >= body.length);
    expect(digest(Buffer.concat(kept))).toBe(digest(body));
  });
});

/** The body in a whole answer. */
function bodyOf(answer: Buffer, isChunked: boolean): Buffer {
  const start = answer.indexOf('\r\n\r\n') + 4;
  if (!isChunked) return answer.subarray(start);
  const pieces: Buffer[] = [];
  for (let at = start; ; ) {
    const end = answer.indexOf('\r\n', at);
    const length = Number.parseInt(answer.toString('latin1', at, end), 16);
    if (length === 0) return Buffer.concat(pieces);
    pieces.push(answer.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}
