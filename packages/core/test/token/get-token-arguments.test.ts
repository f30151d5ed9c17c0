import { describe, expect, test } from 'vitest';
import { createAccessToken } from '../../src/token/access-token.ts';
import { readGetTokenArguments } from '../../src/token/get-token-arguments.ts';

const rejected = createAccessToken('token', 0, 1);
const { signal } = new AbortController();

describe('the options of getToken', () => {
  test('may be left out', () => {
    expect(readGetTokenArguments(undefined)).toEqual({});
    expect(readGetTokenArguments({})).toEqual({});
  });

  test('are returned as they are', () => {
    const options = readGetTokenArguments({ signal, minValidityMs: 5, rejected });
    expect(options.signal).toBe(signal);
    expect(options.minValidityMs).toBe(5);
    expect(options.rejected).toBe(rejected);
  });

  test('may be undefined one by one, and the signal null', () => {
    const options = { signal: null, minValidityMs: undefined, rejected: undefined };
    expect(readGetTokenArguments(options).signal).toBeNull();
  });

  test('may be getters of a class', () => {
    class Options {
      get minValidityMs() {
        return 5;
      }
    }
    expect(readGetTokenArguments(new Options()).minValidityMs).toBe(5);
  });

  test('accept a token of another copy of this package', () => {
    const other = { value: 'token', obtainedAt: 0, expiresAt: 1 };
    expect(readGetTokenArguments({ rejected: other }).rejected).toBe(other);
  });

  test.each<[string, unknown, string]>([
    ['signal', 5, 'getToken: options.signal must be an AbortSignal'],
    ['rejected', null, 'getToken: options.rejected must be the token that getToken returned, not its value'],
  ])('say what %s must be', (name, value, message) => {
    expect(() => readGetTokenArguments({ [name]: value } as never)).toThrow(message);
  });

  test.each<[string, unknown]>([
    ['signal', {}],
    ['signal', { aborted: false }],
    ['signal', { aborted: 'no', addEventListener: () => {} }],
    ['signal', 'aborted'],
    ['minValidityMs', -1],
    ['minValidityMs', Number.POSITIVE_INFINITY],
    ['minValidityMs', '5'],
    ['rejected', 'planted-token'],
    ['rejected', null],
    ['rejected', {}],
    ['minValidtyMs', 5],
  ])('throw a TypeError that names a wrong option: %s %j', (name, value) => {
    const read = () => readGetTokenArguments({ [name]: value } as never);
    expect(read).toThrow(TypeError);
    expect(read).toThrow(name);
    expect(read).not.toThrow(/planted/);
  });
});
