import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTokenSeal } from '../../src/store/token-seal.ts';

const identity = { tokenUrl: 'https://a.example/token', realm: 'acme', clientId: 'id', scope: undefined };
const content = { value: 'planted-token', lifetimeMs: 300_000 };

describe('a sealed token', () => {
  test('opens again, whatever its characters', async () => {
    const seal = await createTokenSeal(identity, 'secret');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.nat(), async (value, lifetimeMs) => {
        expect(await seal.open(await seal.seal({ value, lifetimeMs }))).toEqual({ value, lifetimeMs });
      }),
    );
  });

  test('shows neither itself nor the secret, and no two look alike', async () => {
    const seal = await createTokenSeal(identity, 'planted-secret');
    const sealed = [await seal.seal(content), await seal.seal(content)];
    expect(sealed[0]).not.toBe(sealed[1]);
    expect(JSON.stringify([sealed, seal.key])).not.toMatch(/planted|acme|example/);
  });

  test('does not open when any part of it was changed, cut or made up', async () => {
    const seal = await createTokenSeal(identity, 'secret');
    const sealed = await seal.seal(content);
    for (let at = 0; at < sealed.length; at++) {
      const other = sealed[at] === '0' ? '1' : '0';
      expect(await seal.open(sealed.slice(0, at) + other + sealed.slice(at + 1))).toBeUndefined();
      expect(await seal.open(sealed.slice(0, at))).toBeUndefined();
    }
    for (const garbage of ['', 'x', 'zz'.repeat(40), `${sealed}00`, 5, null, undefined, {}]) {
      expect(await seal.open(garbage as string)).toBeUndefined();
    }
  });

  test.each([
    ['secret', identity, 'another'],
    ['token URL', { ...identity, tokenUrl: 'https://b.example/token' }, 'secret'],
    ['realm', { ...identity, realm: 'other' }, 'secret'],
    ['client', { ...identity, clientId: 'other' }, 'secret'],
    ['scope', { ...identity, scope: 'orders:read' }, 'secret'],
  ])('does not open for another %s, and is not looked for there', async (_, other, secret) => {
    const mine = await createTokenSeal(identity, 'secret');
    const theirs = await createTokenSeal(other, secret);
    expect(await theirs.open(await mine.seal(content))).toBeUndefined();
    expect(theirs.key.token).not.toBe(mine.key.token);
  });
});

describe('the gate', () => {
  test('is shared by all secrets and scopes of a credential, because the throttle is', async () => {
    const { gate } = (await createTokenSeal(identity, 'secret')).key;
    expect((await createTokenSeal({ ...identity, scope: 'orders:read' }, 'rotated')).key.gate).toBe(gate);
    expect((await createTokenSeal({ ...identity, realm: 'other' }, 'secret')).key.gate).not.toBe(gate);
  });

  test('has a name that every file system and store can take, like the token', async () => {
    const { gate, token } = (await createTokenSeal(identity, 'secret')).key;
    expect([gate, token]).toEqual([expect.stringMatching(/^[\da-f]{64}$/), expect.stringMatching(/^[\da-f]{64}$/)]);
  });
});
