import { hash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Stands in the place of a digest when no password works. */
export const NO_PASSWORD = 'none';

const COST = 16_384;
const KEY_BYTES = 32;

/** Digests a password that a person chose: slow on purpose, salted, as `scrypt$cost$salt$key`. */
export async function digestChosenPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await stretch(password, salt, COST);
  return ['scrypt', COST, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** Digests a password of 256 random bits, which nobody can guess: quick, so that an emulator starts quickly. */
export function digestGeneratedPassword(password: string): string {
  return `sha256$${hash('sha256', password, 'base64url')}`;
}

/** Whether `password` is the one that `digest` was made of. */
export async function isPassword(password: string, digest: string): Promise<boolean> {
  const [method, ...parts] = digest.split('$');
  if (method === 'sha256') return areEqual(digestGeneratedPassword(password), digest);
  const [cost, salt, key] = parts;
  if (method !== 'scrypt' || salt === undefined || key === undefined) return false;
  const stretched = await stretch(password, Buffer.from(salt, 'base64url'), Number(cost));
  return areEqual(stretched.toString('base64url'), key);
}

function areEqual(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

function stretch(password: string, salt: Buffer, cost: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The same letters, typed on different keyboards, are the same password.
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { N: cost }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
