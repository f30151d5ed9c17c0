import { hostProcess } from './host-process.ts';
import { Problems } from './problems.ts';
import { readText } from './read-text.ts';

/** The path of a file that holds the secret, and what names it. */
export interface SecretFile {
  readonly path: string;
  readonly label: string;
}

interface FileStatus {
  readonly size: number;
  isFile(): boolean;
}

/** The part of `node:fs` that is used here. */
interface FileSystem {
  statSync(path: string): FileStatus;
  readFileSync(path: string): Uint8Array;
  readonly promises: {
    stat(path: string): Promise<FileStatus>;
    readFile(path: string): Promise<Uint8Array>;
  };
}

const mostBytes = 64 * 1024;

/** Checks at once, before anyone waits for a token, that the file holds a usable secret. */
export function checkSecretFile(file: SecretFile, problems: Problems): void {
  try {
    const { statSync, readFileSync } = fileSystem();
    if (isPlausible(statSync(file.path), file, problems)) readSecret(readFileSync(file.path), file, problems);
  } catch (error) {
    problems.add(nameFile(file), explain(error));
  }
}

/**
 * Reads the secret, without holding up anything else: a file may lie on a network.
 *
 * @throws ConfigurationError when the file holds no usable secret any more
 */
export async function readSecretFile(file: SecretFile): Promise<string> {
  const problems = new Problems();
  let secret = '';
  try {
    const { stat, readFile } = fileSystem().promises;
    if (isPlausible(await stat(file.path), file, problems)) {
      secret = readSecret(await readFile(file.path), file, problems);
    }
  } catch (error) {
    problems.add(nameFile(file), explain(error));
  }
  problems.throwIfAny();
  return secret;
}

/** A pipe would be waited on without end, a device read without end; neither could be read a second time. */
function isPlausible(status: FileStatus, file: SecretFile, problems: Problems): boolean {
  const fault = !status.isFile()
    ? 'is not a regular file: name the file itself'
    : status.size > mostBytes
      ? 'is larger than 64 KiB: name the file that holds the secret and nothing else'
      : undefined;
  if (fault) problems.add(nameFile(file), fault);
  return !fault;
}

/** Editors and `echo` end a file with a line break that does not belong to the secret. */
function readSecret(content: Uint8Array, file: SecretFile, problems: Problems): string {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  return readText({ value: text.replace(/\r?\n$/, ''), label: `${nameFile(file)} has a content that` }, problems);
}

/** A secret that was put into the wrong variable looks like a file of the working directory: it must not be shown. */
function nameFile({ path, label }: SecretFile): string {
  return `${label} names ${/[\\/]/.test(path) ? `"${path.slice(0, 300)}"` : 'a file of the working directory'}, which`;
}

function explain(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? `${error.code}` : 'unknown error';
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'does not exist: correct the path, or put the file there';
  if (code === 'EACCES' || code === 'EPERM') return 'this process may not read: give it the right to';
  if (code.startsWith('ERR_ENCODING')) return 'is not UTF-8 text: save it as such';
  return `cannot be read (${code}): name a file that can`;
}

/** @throws Error where there is no file system, which {@link explain} puts into words */
function fileSystem(): FileSystem {
  const fs = hostProcess()?.getBuiltinModule?.('node:fs');
  if (!fs) throw Object.assign(new Error(), { code: 'no file system here; Node has one from 20.16 on' });
  return fs as FileSystem;
}
