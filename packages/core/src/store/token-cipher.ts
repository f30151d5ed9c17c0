import type { StoreKey } from './token-store.ts';

/** Whose tokens they are; with the secret, all that tells one token from another. */
export interface CredentialIdentity {
  readonly tokenUrl: string;
  readonly realm: string;
  readonly clientId: string;
  readonly scope: string | undefined;
}

/** What a sealed token holds. */
export interface SealedContent {
  readonly value: string;
  /** The whole lifetime, milliseconds. */
  readonly lifetimeMs: number;
}

/** Seals and opens the tokens of one credential, and names its places in a store. */
export interface TokenSeal {
  readonly key: StoreKey;
  seal(content: SealedContent): Promise<string>;
  /** Undefined for whatever this seal did not close: another secret's token, another version's, garbage. */
  open(sealed: string): Promise<SealedContent | undefined>;
}

const utf8 = new TextEncoder();
const ivBytes = 12;

/**
 * Derives a seal from the client secret: AES-256-GCM under a key from HKDF-SHA-256, with the token's place as additional
 * data, so that a token copied to another place does not open.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5869
 */
export async function createTokenSeal(identity: CredentialIdentity, secret: string): Promise<TokenSeal> {
  const { subtle } = crypto;
  const { tokenUrl, realm, clientId, scope } = identity;
  const gate = utf8.encode(JSON.stringify(['instellix', 1, tokenUrl, realm, clientId]));
  const salt = await subtle.digest('SHA-256', gate);
  const material = await subtle.importKey('raw', utf8.encode(secret), 'HKDF', false, ['deriveBits']);
  const derive = (info: string) =>
    subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info: utf8.encode(info) }, material, 256);
  // Scope belongs to the place; the secret is in it through the key material, which tells nothing about it.
  const place = await derive(`place ${scope ?? ''}`);
  const sealingKey = await subtle.importKey('raw', await derive('seal'), 'AES-GCM', false, ['encrypt', 'decrypt']);
  const key: StoreKey = Object.freeze({ gate: toHex(salt), token: toHex(place) });
  const cipher = (iv: BufferSource) => ({ name: 'AES-GCM', iv, additionalData: utf8.encode(key.token) });

  return {
    key,
    async seal({ value, lifetimeMs }) {
      const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
      const sealed = await subtle.encrypt(cipher(iv), sealingKey, utf8.encode(JSON.stringify({ value, lifetimeMs })));
      return toHex(iv.buffer) + toHex(sealed);
    },
    async open(sealed) {
      try {
        const bytes = fromHex(sealed);
        const content = await subtle.decrypt(cipher(bytes.subarray(0, ivBytes)), sealingKey, bytes.subarray(ivBytes));
        return JSON.parse(new TextDecoder().decode(content)) as SealedContent;
      } catch {
        return undefined;
      }
    },
  };
}

/** Fit for file names and keys of every kind. */
function toHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
