import type { createTokenSeal, SealedContent } from '../../src/store/token-seal.ts';

/**
 * A seal that hides nothing and needs no thread of WebCrypto, so that a schedule runs the same way each time. Like the
 * real one, it opens only what it has closed itself.
 */
export const createPlainTokenSeal: typeof createTokenSeal = async (identity, secret) => {
  const { tokenUrl, realm, clientId, scope } = identity;
  const gate = JSON.stringify([tokenUrl, realm, clientId]);
  const token = JSON.stringify([gate, scope, secret]);
  return {
    key: { gate, token },
    seal: async ({ value, lifetimeMs }) => JSON.stringify({ token, value, lifetimeMs }),
    open: async (sealed) => {
      const content = JSON.parse(sealed) as SealedContent & { token: string };
      return content.token === token ? { value: content.value, lifetimeMs: content.lifetimeMs } : undefined;
    },
  };
};

/** What a plainly sealed token holds, whoever has closed it. */
export function readPlainSeal(sealed: string): SealedContent {
  return JSON.parse(sealed) as SealedContent;
}
