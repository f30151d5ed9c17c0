import type * as syncFiles from 'node:fs';
import type * as files from 'node:fs/promises';

/** Called before each operation on files; may wait, as a process that is stopped there, or throw, as a full disk does. */
export type BeforeOperation = (operation: string, path: string) => Promise<void> | void;

/** What stands between the store and the file system. */
export const fileFaults: { before: BeforeOperation | undefined } = { before: undefined };

const watched = ['link', 'open', 'readdir', 'unlink', 'mkdir', 'lstat'] as const;

/** The real file system, each of whose operations asks `fileFaults` first. */
export function watchFiles(real: typeof files): typeof files {
  const wrapped = watched.map((name) => {
    const operation = real[name] as (...args: unknown[]) => Promise<unknown>;
    const watch = async (...args: unknown[]) => {
      await fileFaults.before?.(name, String(args[0]));
      return operation(...args);
    };
    return [name, watch];
  });
  return { ...real, ...Object.fromEntries(wrapped) };
}

/** The same for what is written at once, which can fail but not wait. */
export function watchWrites(real: typeof syncFiles): typeof syncFiles {
  const writeFileSync: typeof real.writeFileSync = (...args) => {
    fileFaults.before?.('write', String(args[0]));
    return real.writeFileSync(...args);
  };
  return { ...real, writeFileSync };
}

export function fileError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });
}
