import { lstatSync, mkdirSync, type Stats } from 'node:fs';
import { mkdir } from 'node:fs/promises';

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
  await mkdir(path, { recursive: true, mode: ownerOnly });
  checkPrivate(path);
  return path;
}

/** The same for a subdirectory of a directory that has just responded. Returns whether it is new. */
export function preparePrivateDirectorySync(path: string): boolean {
  const isNew = mkdirSync(path, { recursive: true, mode: ownerOnly }) !== undefined;
  checkPrivate(path);
  return isNew;
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
