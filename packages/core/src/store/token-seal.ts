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
const version = 'v1.';
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
  const material = await subtle.importKey('raw', utf8.encode(secret), 'HKDF', false, ['deriveBits', 'deriveKey']);
  const derivation = (info: string) => ({ name: 'HKDF', hash: 'SHA-256', salt, info: utf8.encode(info) });
  // Scope belongs to the place; the secret is in it through the key material, which tells nothing about it.
  const place = await subtle.deriveBits(derivation(`place ${scope ?? ''}`), material, 256);
  const sealingKey = await subtle.deriveKey(derivation('seal'), material, { name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ]);
  const key: StoreKey = Object.freeze({ gate: toBase64Url(salt), token: toBase64Url(place) });
  const cipher = (iv: BufferSource) => ({ name: 'AES-GCM', iv, additionalData: utf8.encode(version + key.token) });

  return {
    key,
    async seal({ value, lifetimeMs }) {
      const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
      const sealed = await subtle.encrypt(cipher(iv), sealingKey, utf8.encode(JSON.stringify([value, lifetimeMs])));
      return `${version}${toBase64Url(iv.buffer)}.${toBase64Url(sealed)}`;
    },
    async open(sealed) {
      try {
        const [, iv = '', body = ''] = sealed.startsWith(version) ? sealed.split('.') : [];
        const content = await subtle.decrypt(cipher(fromBase64Url(iv)), sealingKey, fromBase64Url(body));
        const [value, lifetimeMs] = JSON.parse(new TextDecoder().decode(content)) as [string, number];
        return { value, lifetimeMs };
      } catch {
        return undefined;
      }
    },
  };
}

function toBase64Url(bytes: ArrayBuffer): string {
  let binary = '';
  for (const byte of new Uint8Array(bytes)) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
}
