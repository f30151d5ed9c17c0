import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { until } from '@instellix/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { rawRequest } from './proxy-fixture.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

const mebibyte = 2 ** 20;
const long = 256 * mebibyte;
/** Far below the transferred size, and above the usual growth of a heap. */
const maxGrowth = 96 * mebibyte;
/** Text that cannot be compressed. */
const block = Buffer.from(randomBytes(48 * 1024).toString('base64'));

let upstream: ScriptedUpstream;
let service: ChildProcess;
let port: number;

beforeEach(async () => {
  upstream = await ScriptedUpstream.start();
  upstream.keepsBodies = false;
  const file = fileURLToPath(new URL('proxy-process.ts', import.meta.url));
  service = fork(file, [upstream.apiUrl], { execArgv: ['--conditions=@instellix/source', '--no-warnings'] });
  [port] = await once(service, 'message');
  await download(32 * mebibyte);
  await upload(32 * mebibyte);
  await ask('peak');
});

afterEach(async () => {
  service.disconnect();
  await upstream.close();
});

/** The peak memory of the service since the last call, or what has survived two young collections and waits for a full one. */
async function ask(question: 'peak' | 'old space'): Promise<number> {
  service.send(question);
  const [bytes] = await once(service, 'message');
  return bytes;
}

async function send(socket: Socket, length: number): Promise<void> {
  for (let sent = 0; sent < length; sent += block.length) {
    if (!socket.write(block)) await once(socket, 'drain');
  }
}

async function download(length: number, pauseAt = Number.POSITIVE_INFINITY): Promise<number> {
  upstream.script = (_, socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`);
    void send(socket, length).catch(() => {});
  };
  const socket = connect(port, '127.0.0.1');
  socket.write(rawRequest('GET /api/items'));
  let received = 0;
  for await (const chunk of socket) {
    received += chunk.length;
    if (received >= Math.min(length, pauseAt)) break;
  }
  return received;
}

async function upload(length: number): Promise<void> {
  const before = upstream.bytesArrived;
  upstream.script = async (arrival, socket) => {
    await until(() => arrival.isWhole);
    socket.write('HTTP/1.1 204 No Content\r\n\r\n');
  };
  const socket = connect(port, '127.0.0.1');
  socket.write(rawRequest('POST /api/items', [`Content-Length: ${length}`]));
  await send(socket, length);
  await once(socket, 'data');
  socket.destroy();
  expect(upstream.bytesArrived - before).toBe(length);
}

test('a response of 256 MiB passes through in bounded memory', { timeout: 60_000 }, async () => {
  const before = await ask('peak');
  expect(await download(long)).toBeGreaterThanOrEqual(long);
  expect((await ask('peak')) - before).toBeLessThan(maxGrowth);
});

test('a body of 256 MiB passes through in bounded memory', { timeout: 60_000 }, async () => {
  const before = await ask('peak');
  await upload(long);
  expect((await ask('peak')) - before).toBeLessThan(maxGrowth);
});

test.each([
  ['', '/api'],
  [' behind compression()', '/compressed'],
])('a caller that does not read%s stops the API, not the service', { timeout: 60_000 }, async (_, mount) => {
  let written = 0;
  upstream.script = async (_, socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${long}\r\n\r\n`);
    for (; written < long; written += block.length) if (!socket.write(block)) await once(socket, 'drain');
  };
  const before = await ask('peak');
  const socket = connect(port, '127.0.0.1');
  socket.pause();
  socket.write(rawRequest(`GET ${mount}/items`, ['Accept-Encoding: gzip']));
  await until(() => written > 0);
  // The proxy has stopped reading when the count does not change for a while.
  for (let last = -1; last !== written; ) {
    last = written;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  expect(written).toBeLessThan(32 * mebibyte);
  expect((await ask('peak')) - before).toBeLessThan(maxGrowth);
  socket.destroy();
});

test('a young collection frees what ended requests have left', { timeout: 60_000 }, async () => {
  upstream.script = (_, socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  const callRepeatedly = async (count: number) => {
    const socket = connect(port, '127.0.0.1');
    for (let sent = 0; sent < count; sent++) {
      socket.write(rawRequest('GET /api/items'));
      await once(socket, 'data');
    }
    socket.destroy();
  };
  const callConcurrently = () => Promise.all(Array.from({ length: 32 }, () => callRepeatedly(50)));
  // Compiled code is in the old space, too.
  for (let round = 0; round < 3; round++) await callConcurrently();
  const sizes: number[] = [];
  for (let round = 0; round < 6; round++) {
    await callConcurrently();
    sizes.push(await ask('old space'));
  }
  // A full collection in between makes it smaller.
  const growths = sizes.slice(1).map((size, index) => size - (sizes[index] as number));
  expect(Math.max(...growths)).toBeLessThan(mebibyte);
});
