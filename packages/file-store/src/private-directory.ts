import { closeSync, constants, fchmodSync, fstatSync, lstatSync, mkdirSync, openSync, type Stats } from 'node:fs';
import { mkdir } from 'node:fs/promises';

const ownerOnly = 0o700;
const others = 0o077;

/**
 * Makes sure that a directory is there, is a real one, and is nobody's but ours: a looser one of ours is tightened.
 *
 * @throws Error when it is a link, belongs to someone else, or cannot be made private
 */
export async function ensurePrivateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: ownerOnly });
  insistOnPrivate(path);
}

/**
 * The same in one go, for a directory in one that has just been reached: a disk that hangs would have hung there. Answers
 * whether it is new.
 */
export function ensurePrivateDirectoryAtOnce(path: string): boolean {
  const isNew = mkdirSync(path, { recursive: true, mode: ownerOnly }) !== undefined;
  insistOnPrivate(path);
  return isNew;
}

function insistOnPrivate(path: string): void {
  const found = lstatSync(path);
  if (found.isSymbolicLink()) throw refusal(path, 'it is a symbolic link');
  if (!found.isDirectory()) throw refusal(path, 'it is not a directory');
  // On Windows the user's profile protects it, and modes mean nothing.
  if (!process.geteuid) return;
  if (!isOurs(found)) throw refusal(path, `it belongs to user ${found.uid}`);
  if (found.mode & others) tighten(path);
}

/** Whether a file or directory belongs to the user that we act as. */
export function isOurs({ uid }: Stats): boolean {
  return !process.geteuid || uid === process.geteuid();
}

/** By a descriptor, so that what is tightened is what was looked at. */
function tighten(path: string): void {
  const directory = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    if (!isOurs(fstatSync(directory))) throw refusal(path, 'it belongs to someone else');
    fchmodSync(directory, ownerOnly);
    if (fstatSync(directory).mode & others) throw refusal(path, 'others can reach into it, and that cannot be changed');
  } finally {
    closeSync(directory);
  }
}

function refusal(path: string, reason: string): Error {
  return new Error(`${path} cannot hold tokens: ${reason}. Give fileTokenStore a directory of its own.`);
}
