import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTokenCipher } from '../../src/store/token-cipher.ts';

const identity = { tokenUrl: 'https://a.example/token', realm: 'acme', clientId: 'id', scope: undefined };
const content = { value: 'planted-token', lifetimeMs: 300_000 };

describe('an encrypted token', () => {
  test('decrypts again, whatever its characters', async () => {
    const cipher = await createTokenCipher(identity, 'secret');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.nat(), async (value, lifetimeMs) => {
        expect(await cipher.decrypt(await cipher.encrypt({ value, lifetimeMs }))).toEqual({ value, lifetimeMs });
      }),
    );
  });

  test('has the format of the version before: processes of two versions share tokens', async () => {
    const tokenUrl = 'https://api.example/acme/oauth2/token';
    const cipher = await createTokenCipher(
      { tokenUrl, realm: 'acme', clientId: 'my-app', scope: undefined },
      'a secret',
    );
    expect(cipher.key).toEqual({
      gate: '4e1b07f8836d7b3605c2cbc9d958008bdcbc3aca887b1840caf103982fb0f051',
      token: '39d06e6146a10129f8dca68da7aee28e23109ee2b74a7255e6ac51760a113c12',
    });
    const stored =
      'b308789376d4d856ee63962507265681d0c31b01f4fc4221290f3b2ae593bff45599a8670ffb1957da091e236858a67e78fa49abdc52ae9050c62c37939442c1ec6013';
    expect(await cipher.decrypt(stored)).toEqual({ value: 'a-token', lifetimeMs: 300_000 });
  });

  test('has a key of its own for each scope', async () => {
    const keys = await Promise.all(
      [undefined, 'orders:read', 'orders:write'].map(async (scope) => {
        return (await createTokenCipher({ ...identity, scope }, 'secret')).key;
      }),
    );
    expect(new Set(keys.map(({ token }) => token)).size).toBe(3);
    expect(new Set(keys.map(({ gate }) => gate)).size).toBe(1);
  });

  test('shows neither token nor secret, and differs each time', async () => {
    const cipher = await createTokenCipher(identity, 'planted-secret');
    const ciphertexts = [await cipher.encrypt(content), await cipher.encrypt(content)];
    expect(ciphertexts[0]).not.toBe(ciphertexts[1]);
    expect(JSON.stringify([ciphertexts, cipher.key])).not.toMatch(/planted|acme|example/);
  });

  test('does not decrypt when it was changed or cut, or is garbage', async () => {
    const cipher = await createTokenCipher(identity, 'secret');
    const ciphertext = await cipher.encrypt(content);
    for (let at = 0; at < ciphertext.length; at++) {
      const other = ciphertext[at] === '0' ? '1' : '0';
      expect(await cipher.decrypt(ciphertext.slice(0, at) + other + ciphertext.slice(at + 1))).toBeUndefined();
      expect(await cipher.decrypt(ciphertext.slice(0, at))).toBeUndefined();
    }
    for (const garbage of ['', 'x', 'zz'.repeat(40), `${ciphertext}00`, 5, null, undefined, {}]) {
      expect(await cipher.decrypt(garbage as string)).toBeUndefined();
    }
  });

  test.each([
    ['secret', identity, 'another'],
    ['token URL', { ...identity, tokenUrl: 'https://b.example/token' }, 'secret'],
    ['realm', { ...identity, realm: 'other' }, 'secret'],
    ['client', { ...identity, clientId: 'other' }, 'secret'],
    ['scope', { ...identity, scope: 'orders:read' }, 'secret'],
  ])('has another key for another %s, and does not decrypt there', async (_, other, secret) => {
    const mine = await createTokenCipher(identity, 'secret');
    const theirs = await createTokenCipher(other, secret);
    expect(await theirs.decrypt(await mine.encrypt(content))).toBeUndefined();
    expect(theirs.key.token).not.toBe(mine.key.token);
  });
});

describe('the key of the gate', () => {
  test('is the same for all secrets and scopes of a credential, like the throttle', async () => {
    const { gate } = (await createTokenCipher(identity, 'secret')).key;
    expect((await createTokenCipher({ ...identity, scope: 'orders:read' }, 'rotated')).key.gate).toBe(gate);
    expect((await createTokenCipher({ ...identity, realm: 'other' }, 'secret')).key.gate).not.toBe(gate);
  });

  test('is hexadecimal, like the key of the token, which every store accepts', async () => {
    const { gate, token } = (await createTokenCipher(identity, 'secret')).key;
    expect([gate, token]).toEqual([expect.stringMatching(/^[\da-f]{64}$/), expect.stringMatching(/^[\da-f]{64}$/)]);
  });
});
