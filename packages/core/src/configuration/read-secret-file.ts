import { hostProcess } from './host-process.ts';
import type { Problems } from './problems.ts';
import { readText } from './read-text.ts';

/** The part of `node:fs` that is used here. */
interface FileSystem {
  statSync(path: string): { readonly size: number; isFile(): boolean };
  readFileSync(path: string): Uint8Array;
}

/**
 * Reads the secret that a file holds; answers an empty text, and reports why without showing it, when it holds none.
 *
 * Reads at once: the file is small, and needed at most once per token request.
 */
export function readSecretFile(file: { readonly path: string; readonly label: string }, problems: Problems): string {
  const { path } = file;
  // A secret that was put into the wrong variable looks like a file of the working directory: it must not be shown.
  const label = `${file.label} names ${/[\\/]/.test(path) ? `"${path}"` : 'a file of the working directory'}, which`;
  try {
    const fs = hostProcess()?.getBuiltinModule?.('node:fs') as FileSystem | undefined;
    if (!fs) {
      problems.add(label, 'cannot be read here: Node can from 20.16 on, give clientSecret elsewhere');
      return '';
    }
    const status = fs.statSync(path);
    // A pipe would be waited on without end, a device read without end; neither could be read a second time.
    if (!status.isFile() || status.size > 65_536) {
      problems.add(label, 'is not a regular file of at most 64 KiB: name the one that holds the secret alone');
      return '';
    }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(fs.readFileSync(path));
    // Editors and `echo` end a file with a line break that does not belong to the secret.
    return readText({ value: text.replace(/\r?\n$/, ''), label: `${label} has a content that` }, problems);
  } catch (error) {
    problems.add(label, `cannot be read (${explain(error)}): correct the path, its rights or its encoding`);
    return '';
  }
}

/** Node's error codes; never its message, which holds the path. */
function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? `${error.code}` : '';
  return code === 'ENOENT' ? 'it does not exist' : code;
}
