import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open } from 'node:fs/promises';

const ownerOnly = 0o700;
const others = 0o077;

/**
 * Makes sure that a directory is there, is a real one, and is nobody's but ours: a looser one of ours is tightened.
 *
 * Answers whether it is new.
 *
 * @throws Error when it is a link, belongs to someone else, or cannot be made private
 */
export async function ensurePrivateDirectory(path: string): Promise<boolean> {
  const isNew = (await mkdir(path, { recursive: true, mode: ownerOnly })) !== undefined;
  // Whatever is of the right kind but loose; on Windows the user's profile protects it, and modes mean nothing.
  const found = await lstat(path);
  if (found.isSymbolicLink()) throw refusal(path, 'it is a symbolic link');
  if (!found.isDirectory()) throw refusal(path, 'it is not a directory');
  if (!process.geteuid) return isNew;
  if (!isOurs(found)) throw refusal(path, `it belongs to user ${found.uid}`);
  if (found.mode & others) await tighten(path);
  return isNew;
}

/** Whether a file or directory belongs to the user that we act as. */
export function isOurs({ uid }: Stats): boolean {
  return !process.geteuid || uid === process.geteuid();
}

/** Through a handle, so that what is tightened is what was looked at. */
async function tighten(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    if (!isOurs(await handle.stat())) throw refusal(path, 'it belongs to someone else');
    await handle.chmod(ownerOnly);
    if ((await handle.stat()).mode & others)
      throw refusal(path, 'others can reach into it, and that cannot be changed');
  } finally {
    await handle.close();
  }
}

function refusal(path: string, reason: string): Error {
  return new Error(`${path} cannot hold tokens: ${reason}. Give fileTokenStore a directory of its own.`);
}
