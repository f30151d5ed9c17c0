import { hostProcess } from './host-process.ts';
import { required, string } from './validator.ts';

/** The part of `node:fs` that is used here. */
interface FileSystem {
  statSync(path: string): { readonly size: number; isFile(): boolean };
  readFileSync(path: string): Uint8Array;
}

export const secretFileVariable = 'INSTELLIX_CLIENT_SECRET_FILE';

/**
 * Reads the secret from a file. When the file holds no usable secret, returns an empty string and adds a problem that does not show it.
 *
 * Reads synchronously: the file is small, and read at most once per token request.
 */
export function readSecretFile(path: string, problems: string[]): string {
  // A secret in the wrong variable looks like a file of the working directory, so it must not be shown.
  const label = secretFileVariable + (/[\\/]/.test(path) ? ` ${JSON.stringify(path)}` : '');
  let code = '';
  try {
    const fs = hostProcess()?.getBuiltinModule?.('node:fs') as FileSystem | undefined;
    const status = fs?.statSync(path);
    // Reading a pipe or a device may never end, and neither could be read a second time.
    if (fs && status?.isFile() && status.size <= 65_536) {
      const content = new TextDecoder('utf-8', { fatal: true }).decode(fs.readFileSync(path));
      // Editors and `echo` end a file with a line break that is not part of the secret.
      return required(string())(content.replace(/\r?\n$/, ''), `The content of ${label}`, problems);
    }
  } catch (error) {
    // Not the message, which contains the path.
    code = ` (${(error as { code?: string }).code})`;
  }
  problems.push(
    `${label} cannot be read${code}: it must be a regular UTF-8 file of at most 64 KiB, and Node must be 20.16 or newer.`,
  );
  return '';
}
