import { hash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** Stands in the place of a digest when no password works. */
export const NO_PASSWORD = 'none';

/** As OWASP's Password Storage Cheat Sheet has it: 16 MiB, five times over. */
const SCRYPT = { N: 16_384, r: 8, p: 5 };
const KEY_BYTES = 32;

/** Digests a password that a person chose: slow on purpose, salted, as `scrypt$N$r$p$salt$key`. */
export async function digestChosenPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await stretch(password, salt, SCRYPT);
  const { N, r, p } = SCRYPT;
  return ['scrypt', N, r, p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** Digests a password of 256 random bits, which nobody can guess: quick, so that an emulator starts quickly. */
export function digestGeneratedPassword(password: string): string {
  return `sha256$${hash('sha256', password, 'base64url')}`;
}

/**
 * Whether `password` is the one that `digest` was made of; without a digest, for a user who does not exist, it is not.
 *
 * It takes as long whoever is asked about, so that the time tells nothing.
 */
export async function isPassword(password: string, digest: string = NO_PASSWORD): Promise<boolean> {
  const [method, N, r, p, salt, key] = digest.split('$');
  const isScrypt = method === 'scrypt' && salt !== undefined && key !== undefined;
  const parameters = isScrypt ? { N: Number(N), r: Number(r), p: Number(p) } : SCRYPT;
  const stretched = await stretch(password, Buffer.from(salt ?? NO_PASSWORD, 'base64url'), parameters);
  if (isScrypt) return areEqual(stretched.toString('base64url'), key);
  return method === 'sha256' && areEqual(digestGeneratedPassword(password), digest);
}

function areEqual(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));
}

function stretch(password: string, salt: Buffer, parameters: typeof SCRYPT): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The same letters, typed on different keyboards, are the same password.
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, parameters, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
