import type * as syncFiles from 'node:fs';
import type * as files from 'node:fs/promises';

/** Called before each file operation. May wait, like a process that is stopped there, or throw, as for a full disk. */
export type BeforeOperation = (operation: string, path: string) => Promise<void> | void;

/** Faults that the mocked file system shows. `owners`: user ids that replace the real owners of paths. */
export const fileFaults: { before: BeforeOperation | undefined; owners: Record<string, number> } = {
  before: undefined,
  owners: {},
};

const watched = ['open', 'readdir', 'unlink', 'stat', 'lstat', 'access'] as const;
const watchedSync = ['linkSync', 'lstatSync', 'mkdirSync', 'readdirSync', 'unlinkSync', 'writeFileSync'] as const;

function replaceOwner(result: unknown, path: string): unknown {
  const uid = fileFaults.owners[path];
  return uid !== undefined && typeof result === 'object' && result && 'uid' in result
    ? Object.assign(result, { uid })
    : result;
}

/** The real file system, with the faults in `fileFaults`. */
export function watchFiles(real: typeof files): typeof files {
  const wrapped = watched.map((name) => {
    const operation = real[name] as (...args: unknown[]) => Promise<unknown>;
    const watch = async (...args: unknown[]) => {
      await fileFaults.before?.(name, String(args[0]));
      return replaceOwner(await operation(...args), String(args[0]));
    };
    return [name, watch];
  });
  return { ...real, ...Object.fromEntries(wrapped) };
}

/** The same for the synchronous operations. */
export function watchSyncFiles(real: typeof syncFiles): typeof syncFiles {
  const wrapped = watchedSync.map((name) => {
    const operation = real[name] as (...args: unknown[]) => unknown;
    const watch = (...args: unknown[]) => {
      fileFaults.before?.(name, String(args[0]));
      return replaceOwner(operation(...args), String(args[0]));
    };
    return [name, watch];
  });
  return { ...real, ...Object.fromEntries(wrapped) };
}

export function fileError(code: string, syscall: string): Error {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });
}
