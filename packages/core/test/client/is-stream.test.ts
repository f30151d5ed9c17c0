import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { isStream } from '../../src/client/is-stream.ts';

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
