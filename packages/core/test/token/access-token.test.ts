import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createAccessToken } from '../../src/token/access-token.ts';

const token = createAccessToken('planted-value', 1_000, 301_000);

describe('an access token', () => {
  test('has its value and its times', () => {
    const { value, obtainedAt, expiresAt } = token;
    expect([value, obtainedAt, expiresAt]).toEqual(['planted-value', 1_000, 301_000]);
  });

  test.each<[string, () => unknown]>([
    ['util.inspect', () => inspect(token, { depth: null, showHidden: true })],
    ['JSON', () => JSON.stringify(token)],
    ['a string', () => `${token}`],
    ['its entries', () => Object.entries(token).flat()],
    ['a spread', () => inspect({ ...token })],
    ['structuredClone', () => inspect(structuredClone(token))],
  ])('does not show its value in %s', (_, show) => {
    expect(JSON.stringify(show())).not.toContain('planted-value');
  });

  test('is named AccessToken in strings', () => {
    expect(`${token}`).toBe('[object AccessToken]');
  });

  test('cannot be changed', () => {
    expect(Object.isFrozen(token)).toBe(true);
    expect(() => Object.assign(token, { value: 'another' })).toThrow(TypeError);
    expect(token.value).toBe('planted-value');
  });
});
