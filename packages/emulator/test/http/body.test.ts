import { expect, test } from 'vitest';
import { mediaTypeOf, parseJsonBody, readBody } from '../../src/http/body.ts';
import { readForm } from '../../src/portal/guard.ts';
import { readTokenForm } from '../../src/protocol/token/token-form.ts';

const json = new Headers({ 'content-type': 'Application/JSON; charset=utf-8' });
const urlencoded = new Headers({ 'content-type': 'application/x-www-form-urlencoded' });

function post(body: BodyInit): Request {
  return new Request('http://localhost', { method: 'POST', body, duplex: 'half' } as RequestInit);
}

test('parses a JSON body in UTF-8', async () => {
  expect(parseJsonBody(json, await readBody(post('{"name":"Zoë"}'), 100))).toEqual({ json: { name: 'Zoë' } });
});

const brokenOff = () => new ReadableStream({ pull: (controller) => controller.error(new Error('broken off')) });

test.each<[status: number, problem: string, toBody: () => BodyInit]>([
  [413, 'the body is too large', () => 'x'.repeat(16_385)],
  [400, 'the body is incomplete: the connection ended too early', brokenOff],
  [400, 'the body is not UTF-8', () => Buffer.from([0xff])],
])('JSON, forms of clients and forms of the portal have the problem %d %s', async (status, problem, toBody) => {
  const body = await readBody(post(toBody()), 16_384);
  expect(body).toEqual({ status, problem });
  expect(parseJsonBody(json, body)).toEqual({ status, problem });
  expect(readTokenForm({ headers: urlencoded, body }, true)).toEqual({ status, problem });
  const form = new Request(post(toBody()), { headers: urlencoded });
  await expect(readForm(form)).rejects.toMatchObject({ status, message: problem });
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
