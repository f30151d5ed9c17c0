import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBasicCredentials, formEncode } from '../../src/endpoint/basic-credentials.ts';
import { anyText } from './any-text.ts';

/** Strings that UTF-8 can encode: without lone surrogates. */
const text = anyText().map((any) =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(any)),
);

describe('encodeBasicCredentials', () => {
  test('encodes the example of the vendor', () => {
    expect(encodeBasicCredentials('my_client_id', 'my_client_secret', 'raw')).toBe(
      'bXlfY2xpZW50X2lkOm15X2NsaWVudF9zZWNyZXQ=',
    );
  });

  test('raw: encodes any id and secret as UTF-8', () => {
    fc.assert(
      fc.property(text, text, (id, secret) => {
        expect(encodeBasicCredentials(id, secret, 'raw')).toBe(Buffer.from(`${id}:${secret}`).toString('base64'));
      }),
    );
  });

  test('form: encodes any id and secret, colons included, so that a server can split them', () => {
    fc.assert(
      fc.property(text, text, (id, secret) => {
        const pair = atob(encodeBasicCredentials(id, secret, 'form'));
        const halves = pair.split(':').map((half) => new URLSearchParams(`x=${half}`).get('x'));
        expect(halves).toEqual([id, secret]);
      }),
    );
  });

  test('form: encodes a space as a plus', () => {
    expect(formEncode(' %&+£€')).toBe('+%25%26%2B%C2%A3%E2%82%AC');
  });

  test('encodes a secret of a megabyte, which has too many bytes for one function call', () => {
    expect(encodeBasicCredentials('id', 'x'.repeat(1_000_000), 'raw')).toHaveLength(1_333_340);
  });
});
