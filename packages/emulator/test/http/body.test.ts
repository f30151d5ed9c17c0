import { expect, test } from 'vitest';
import { decodeBody, mediaTypeOf, parseJsonBody, type ReceivedBody } from '../../src/http/body.ts';

const json = new Headers({ 'content-type': 'Application/JSON; charset=utf-8' });

test('parses a JSON body in UTF-8', () => {
  expect(parseJsonBody(json, Buffer.from('{"name":"Zoë"}'))).toEqual({ json: { name: 'Zoë' } });
});

test.each<[body: ReceivedBody, status: number, problem: string]>([
  ['too_large', 413, 'the body is too large'],
  ['broken_off', 400, 'the body is incomplete: the connection ended too early'],
  [Buffer.from([0xff]), 400, 'the body is not UTF-8'],
])('JSON and forms share this problem: %j', (body, status, problem) => {
  expect(decodeBody(body)).toEqual({ status, problem });
  expect(parseJsonBody(json, body)).toEqual({ status, problem });
});

test('the problem of a malformed body does not quote it', () => {
  const body = Buffer.from('{"clientSecret":"planted');
  expect(parseJsonBody(json, body)).toEqual({ status: 400, problem: 'the body is not valid JSON' });
});

test.each([undefined, 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonx'])(
  'rejects the media type %s with 415',
  (type) => {
    const headers = new Headers(type === undefined ? {} : { 'content-type': type });
    const problem = 'the Content-Type must be application/json';
    expect(parseJsonBody(headers, Buffer.from('{}'))).toEqual({ status: 415, problem });
  },
);

test.each([
  ['text/plain', 'text/plain'],
  ['Multipart/Form-Data ; Boundary=abc', 'multipart/form-data'],
  ['', ''],
])('the media type of %j is %j', (header, mediaType) => {
  expect(mediaTypeOf(new Headers({ 'content-type': header }))).toBe(mediaType);
});
