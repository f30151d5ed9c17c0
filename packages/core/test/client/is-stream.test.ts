import { Readable } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { discardStream, isStream } from '../../src/client/is-stream.ts';

test.each<[string, unknown]>([
  ['a stream of Node', Readable.from([])],
  ['a stream of the web', new ReadableStream()],
  ['an async iterable', (async function* () {})()],
  ['a body of the form-data package', { pipe() {} }],
])('%s can be read only once', (_, body) => {
  expect(isStream(body)).toBe(true);
});

test.each<[string, unknown]>([
  ['nothing', null],
  ['a string', 'text'],
  ['bytes', new Uint8Array(1)],
  ['a Blob', new Blob(['text'])],
  ['a FormData', new FormData()],
  ['an array', []],
])('%s can be read again', (_, body) => {
  expect(isStream(body)).toBe(false);
});

describe('discardStream', () => {
  test('ends streams of Node and of the web, and returns nothing that could be awaited', () => {
    const ofNode = Readable.from([Uint8Array.of(1)]);
    const cancel = vi.fn();
    expect(discardStream(ofNode)).toBeUndefined();
    expect(discardStream(new ReadableStream({ cancel }))).toBeUndefined();
    expect([ofNode.destroyed, cancel.mock.calls.length]).toEqual([true, 1]);
  });

  test('leaves alone what is no stream', () => {
    const model = { destroy: vi.fn(), cancel: vi.fn() };
    for (const body of [model, undefined, null, 'text', new Uint8Array(1)]) discardStream(body);
    expect([model.destroy.mock.calls, model.cancel.mock.calls]).toEqual([[], []]);
  });

  test('accepts a stream that cannot be ended', async () => {
    const locked = new ReadableStream();
    locked.getReader();
    discardStream(locked);
    discardStream({ pipe() {} });
    discardStream({ getReader() {}, destroy: true, cancel: () => Promise.reject(new Error('no')) });
    await new Promise((resolve) => setImmediate(resolve));
  });
});
