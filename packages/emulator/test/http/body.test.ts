import { expect, test } from 'vitest';
import { mediaTypeOf, parseJsonBody, readBody } from '../../src/http/body.ts';

const json = new Headers({ 'content-type': 'Application/JSON; charset=utf-8' });

function post(body: BodyInit): Request {
  return new Request('http://localhost', { method: 'POST', body, duplex: 'half' } as RequestInit);
}

test('parses a JSON body in UTF-8', async () => {
  expect(parseJsonBody(json, await readBody(post('{"name":"Zoë"}'), 100))).toEqual({ json: { name: 'Zoë' } });
});

const brokenOff = () => new ReadableStream({ pull: (controller) => controller.error(new Error('broken off')) });

test.each<[body: BodyInit, status: number, problem: string]>([
  ['x'.repeat(101), 413, 'the body is too large'],
  [brokenOff(), 400, 'the body is incomplete: the connection ended too early'],
  [Buffer.from([0xff]), 400, 'the body is not UTF-8'],
])('JSON and forms share this problem: %j', async (body, status, problem) => {
  const received = await readBody(post(body), 100);
  expect(received).toEqual({ status, problem });
  expect(parseJsonBody(json, received)).toEqual({ status, problem });
});

test('the problem of a malformed body does not quote it', () => {
  const body = { content: '{"clientSecret":"planted' };
  expect(parseJsonBody(json, body)).toEqual({ status: 400, problem: 'the body is not valid JSON' });
});

test.each([undefined, 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonx'])(
  'rejects the media type %s with 415',
  (type) => {
    const headers = new Headers(type === undefined ? {} : { 'content-type': type });
    const problem = 'the Content-Type must be application/json';
    expect(parseJsonBody(headers, { content: '{}' })).toEqual({ status: 415, problem });
  },
);

test.each([
  ['text/plain', 'text/plain'],
  ['Multipart/Form-Data ; Boundary=abc', 'multipart/form-data'],
  ['', ''],
])('the media type of %j is %j', (header, mediaType) => {
  expect(mediaTypeOf(new Headers({ 'content-type': header }))).toBe(mediaType);
});
