import type { StoreKey } from './token-store.ts';

/** The owner of tokens; with the secret, everything that distinguishes one token from another. */
export interface CredentialIdentity {
  readonly tokenUrl: string;
  readonly realm: string;
  readonly clientId: string;
  readonly scope: string | undefined;
}

/** The encrypted part of a token. */
export interface TokenContent {
  readonly value: string;
  /** The whole lifetime, in milliseconds. */
  readonly lifetimeMs: number;
}

/** Encrypts and decrypts the tokens of one credential, and derives their keys in a store. */
export interface TokenCipher {
  readonly key: StoreKey;
  encrypt(content: TokenContent): Promise<string>;
  /** Undefined for everything that this cipher did not encrypt: another secret's token, another version's, garbage. */
  decrypt(ciphertext: string): Promise<TokenContent | undefined>;
}

const utf8 = new TextEncoder();
const ivBytes = 12;

/**
 * Derives a cipher from the client secret: AES-256-GCM under a key from HKDF-SHA-256, with the store key as additional data, so that a
 * token that was copied to another key does not decrypt.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5869
 */
export async function createTokenCipher(identity: CredentialIdentity, secret: string): Promise<TokenCipher> {
  const { subtle } = crypto;
  const { tokenUrl, realm, clientId, scope } = identity;
  const gate = utf8.encode(JSON.stringify(['instellix', 1, tokenUrl, realm, clientId]));
  const salt = await subtle.digest('SHA-256', gate);
  const material = await subtle.importKey('raw', utf8.encode(secret), 'HKDF', false, ['deriveBits']);
  const derive = (info: string) =>
    subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info: utf8.encode(info) }, material, 256);
  // The secret is part of the name through the key material, from which it cannot be computed.
  const name = await derive(`name ${scope ?? ''}`);
  const encryptionKey = await subtle.importKey('raw', await derive('encryption'), 'AES-GCM', false, [
    'encrypt',
    'decrypt',
  ]);
  const key: StoreKey = Object.freeze({ gate: toHex(salt), token: toHex(name) });
  const parameters = (iv: BufferSource) => ({ name: 'AES-GCM', iv, additionalData: utf8.encode(key.token) });

  return {
    key,
    async encrypt({ value, lifetimeMs }) {
      const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
      const content = utf8.encode(JSON.stringify({ value, lifetimeMs }));
      return toHex(iv.buffer) + toHex(await subtle.encrypt(parameters(iv), encryptionKey, content));
    },
    async decrypt(ciphertext) {
      try {
        const bytes = fromHex(ciphertext);
        const iv = bytes.subarray(0, ivBytes);
        const content = await subtle.decrypt(parameters(iv), encryptionKey, bytes.subarray(ivBytes));
        return JSON.parse(new TextDecoder().decode(content)) as TokenContent;
      } catch {
        return undefined;
      }
    },
  };
}

/** Hexadecimal is valid in file names and in keys of every store. */
function toHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
