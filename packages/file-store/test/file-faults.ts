import type * as syncFiles from 'node:fs';
import type * as files from 'node:fs/promises';

/** Called before each operation on files; may wait, as a process that is stopped there, or throw, as a full disk does. */
export type BeforeOperation = (operation: string, path: string) => Promise<void> | void;

/** What stands between the store and the file system. */
export const fileFaults: { before: BeforeOperation | undefined; instead: Record<string, () => unknown> } = {
  before: undefined,
  instead: {},
};

const watched = ['open', 'readdir', 'unlink', 'mkdir'] as const;
const watchedSync = ['fchmodSync', 'linkSync', 'readdirSync', 'unlinkSync', 'writeFileSync'] as const;

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

/** The same for what happens at once: `fileFaults` must then answer at once, too. */
export function watchSyncFiles(real: typeof syncFiles): typeof syncFiles {
  const wrapped = watchedSync.map((name) => {
    const operation = real[name] as (...args: unknown[]) => unknown;
    const watch = (...args: unknown[]) => {
      fileFaults.before?.(name, String(args[0]));
      return fileFaults.instead[name] ? fileFaults.instead[name]() : operation(...args);
    };
    return [name, watch];
  });
  return { ...real, ...Object.fromEntries(wrapped) };
}

export function fileError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });
}
