import { isAbsolute, resolve } from 'node:path';
import { createTokenStore, object, optional, readOptions, type TokenStore } from '@instellix/core/store';
import { prepareDefaultDirectory } from './default-directories.ts';
import { machineClock } from './machine-clock.ts';
import { preparePrivateDirectory } from './private-directory.ts';
import { RecordDirectory } from './record-directory.ts';

/** The options of a file store. */
export interface FileTokenStoreOptions {
  /**
   * The directory of the files, an absolute path. It is created for its owner only, together with missing parents. An existing one must
   * belong to the user of the process and be accessible to no other user (mode 700). Do not use it for anything else. Processes of one
   * user that use the same directory share tokens.
   *
   * @default `instellix` in `$XDG_RUNTIME_DIR`, else in the user's state directory, else `instellix-<uid>` in the temporary directory
   */
  readonly directory?: string | undefined;
}

/** Relative paths would depend on where each process runs. */
const absolutePath = optional<string>('an absolute path', (path) => {
  return typeof path === 'string' && isAbsolute(path) && !path.includes('\0');
});

/**
 * Creates a store in a directory, which all processes of one user on one machine share without a server.
 *
 * Do not use it for several machines: they share nothing through it, even when they see the same directory. Use a Redis store.
 *
 * @throws ConfigurationError when an option cannot be used
 */
export function fileTokenStore(options: FileTokenStoreOptions = {}): TokenStore {
  const validator = object<FileTokenStoreOptions>({ directory: absolutePath });
  const { directory } = readOptions(validator, options, (given) => given, 'fileTokenStore');
  // Normalised, because `lstat` follows a link with a trailing slash or dot.
  const path = directory === undefined ? undefined : resolve(directory);
  const records = new RecordDirectory(
    () => (path === undefined ? prepareDefaultDirectory() : preparePrivateDirectory(path)),
    machineClock,
  );
  return createTokenStore(machineClock, records.update);
}
