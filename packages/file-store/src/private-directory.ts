import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isCode } from './is-code.ts';

const ownerOnly = 0o700;
const groupAndOthers = 0o077;

/**
 * Creates a directory for its owner only, together with missing parents, or checks an existing one. Never changes an existing one.
 *
 * @param path normalised, without a slash at its end
 * @returns the path
 * @throws Error when it is not a directory, belongs to another user, or is accessible to other users
 */
export async function preparePrivateDirectory(path: string): Promise<string> {
  // The first access is asynchronous, because a disk may hang.
  await lstat(path).catch(() => {});
  preparePrivateDirectorySync(path);
  return path;
}

/** The same for a subdirectory of a directory that has just responded. Returns whether it is new. */
export function preparePrivateDirectorySync(path: string): boolean {
  const isNew = createDirectory(path);
  checkPrivate(path);
  return isNew;
}

/**
 * Returns false when the directory exists. Without `recursive`, with which Node never returns when the system reports ENOENT below a
 * directory that exists, such as a mounted one that its host has deleted.
 */
function createDirectory(path: string, createsParents = true): boolean {
  try {
    mkdirSync(path, { mode: ownerOnly });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    if (!createsParents || !isCode(error, 'ENOENT') || path === dirname(path)) throw error;
    createDirectory(dirname(path));
    return createDirectory(path, false);
  }
}

function checkPrivate(path: string): void {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink())
    throw refusal('DIRECTORY_IS_LINK', path, 'it is a symbolic link. Name the directory itself');
  if (!stats.isDirectory()) throw refusal('ENOTDIR', path, 'it is not a directory. Name another path');
  // On Windows, the access rights of the user's profile protect the directory, and modes have no meaning.
  if (!process.geteuid) return;
  if (!isOurs(stats)) {
    const reason = `it belongs to the user with the id ${stats.uid}, and this process runs as ${process.geteuid()}`;
    throw refusal(
      'DIRECTORY_NOT_OWNED',
      path,
      `${reason}. Name a directory of this user, or one that does not exist yet`,
    );
  }
  if (stats.mode & groupAndOthers) {
    const reason = `other users can access it (mode ${(stats.mode & 0o777).toString(8)})`;
    const remedy = `If it is used for nothing else, run \`chmod 700 ${path}\`; otherwise name one that does not exist yet`;
    throw refusal('DIRECTORY_NOT_PRIVATE', path, `${reason}. ${remedy}`);
  }
}

/** Returns whether a file or directory belongs to the user of this process. */
export function isOurs({ uid }: Stats): boolean {
  return !process.geteuid || uid === process.geteuid();
}

function refusal(code: string, path: string, reason: string): Error {
  return Object.assign(new Error(`Cannot store tokens in ${path}: ${reason}.`), { code });
}
