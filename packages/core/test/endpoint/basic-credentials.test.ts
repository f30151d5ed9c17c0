import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBasicCredentials, formEncode } from '../../src/endpoint/basic-credentials.ts';
import { anyText } from './any-text.ts';

/** Text that UTF-8 can carry, which lone surrogates it cannot. */
const text = anyText().map((any) =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(new TextEncoder().encode(any)),
);

describe('the Basic credentials', () => {
  test("are the ones of the vendor's example", () => {
    expect(encodeBasicCredentials('my_client_id', 'my_client_secret', 'raw')).toBe(
      'bXlfY2xpZW50X2lkOm15X2NsaWVudF9zZWNyZXQ=',
    );
  });

  test('raw: carry any id and secret unchanged, as UTF-8', () => {
    fc.assert(
      fc.property(text, text, (id, secret) => {
        expect(encodeBasicCredentials(id, secret, 'raw')).toBe(Buffer.from(`${id}:${secret}`).toString('base64'));
      }),
    );
  });

  test('form: carry any id and secret, colons included, so that a server can tell them apart', () => {
    fc.assert(
      fc.property(text, text, (id, secret) => {
        const pair = atob(encodeBasicCredentials(id, secret, 'form'));
        const halves = pair.split(':').map((half) => new URLSearchParams(`x=${half}`).get('x'));
        expect(halves).toEqual([id, secret]);
      }),
    );
  });

  test('form: write a space as a plus, as the RFC wants it', () => {
    expect(formEncode(' %&+£€')).toBe('+%25%26%2B%C2%A3%E2%82%AC');
  });

  test('carry a secret of a megabyte, which is too much for one function call', () => {
    expect(encodeBasicCredentials('id', 'x'.repeat(1_000_000), 'raw')).toHaveLength(1_333_340);
  });
});
