import { describe, expect, test } from 'vitest';
import { findCode, isDecompressionFailure, neverReachedServer } from '../../src/endpoint/connection-failure.ts';
import { createRedactor } from '../../src/secret/redactor.ts';
import { safeCause } from '../../src/secret/safe-cause.ts';

/** An error like `fetch`'s: the chain of causes has the given codes. */
function failure(...codes: (string | undefined)[]): Error {
  const [code, ...behind] = codes;
  const error = new Error('x', behind.length > 0 ? { cause: failure(...behind) } : undefined);
  return Object.assign(error, code && { code });
}

function everyAddress(...errors: unknown[]): Error {
  return new Error('fetch failed', { cause: Object.assign(new AggregateError(errors), { code: 'ECONNREFUSED' }) });
}

const codeOf = (thrown: unknown) => findCode(safeCause(thrown, createRedactor([])));
const judge = (test: (code: string) => boolean, thrown: unknown) => test(codeOf(thrown));

describe('a request provably never reached the server', () => {
  const codes = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'];

  test.each(codes)('after %s, wherever it is in the chain, so that the gate stays open', (code) => {
    expect(judge(neverReachedServer, failure(code))).toBe(true);
    expect(judge(neverReachedServer, failure(undefined, 'X', code))).toBe(true);
  });

  test('after such a failure on every address of a name', () => {
    expect(judge(neverReachedServer, everyAddress(failure('ECONNREFUSED'), failure('ENETUNREACH')))).toBe(true);
  });

  test.each<[string, unknown]>([
    ['a reset', failure(undefined, 'ECONNRESET')],
    ['a connection that was closed', failure(undefined, 'UND_ERR_SOCKET')],
    ['a timeout of the connection, which may be an open one', failure(undefined, 'ETIMEDOUT')],
    ['a code that only resembles one', failure('ECONNREFUSED_')],
    ['one address of several that fails otherwise', everyAddress(failure('ECONNREFUSED'), failure('ETIMEDOUT'))],
    ['one address of which nothing is known', everyAddress(failure('ECONNREFUSED'), undefined)],
    ['no error at all', undefined],
    ['an error without code', new Error('ECONNREFUSED')],
  ])('but not after %s, because a second request too soon is a 401', (_, thrown) => {
    expect(judge(neverReachedServer, thrown)).toBe(false);
  });
});

test('an answer that cannot be decompressed is told from a connection that broke', () => {
  for (const code of ['Z_DATA_ERROR', 'Z_BUF_ERROR', 'ERR__ERROR_FORMAT_PADDING_2', 'ZSTD_error_prefix_unknown']) {
    expect(judge(isDecompressionFailure, failure(undefined, code))).toBe(true);
  }
  expect(judge(isDecompressionFailure, failure('ECONNRESET'))).toBe(false);
  expect(judge(isDecompressionFailure, undefined)).toBe(false);
});

test('a message shows the first thing in the chain that looks like a code, and nothing else', () => {
  expect(codeOf(failure(undefined, 'planted secret', 'CERT_HAS_EXPIRED', 'X'))).toBe('CERT_HAS_EXPIRED');
  expect(codeOf(failure('lower', 'E'))).toBe('');
  expect(codeOf(undefined)).toBe('');
});
