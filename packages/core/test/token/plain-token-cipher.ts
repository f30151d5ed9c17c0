import type { createTokenCipher, TokenContent } from '../../src/store/token-cipher.ts';

/**
 * A cipher without encryption and without WebCrypto, whose threads would make the order of a schedule vary. Like the real one, it
 * decrypts only its own ciphertexts.
 */
export const createPlainTokenCipher: typeof createTokenCipher = async (identity, secret) => {
  const { tokenUrl, realm, clientId, scope } = identity;
  const gate = JSON.stringify([tokenUrl, realm, clientId]);
  const token = JSON.stringify([gate, scope, secret]);
  return {
    key: { gate, token },
    encrypt: async ({ value, lifetimeMs }) => JSON.stringify({ token, value, lifetimeMs }),
    decrypt: async (ciphertext) => {
      const content = JSON.parse(ciphertext) as TokenContent & { token: string };
      return content.token === token ? { value: content.value, lifetimeMs: content.lifetimeMs } : undefined;
    },
  };
};

/** What a plain ciphertext contains, whichever secret it belongs to. */
export function readPlainCiphertext(ciphertext: string): TokenContent {
  return JSON.parse(ciphertext) as TokenContent;
}
