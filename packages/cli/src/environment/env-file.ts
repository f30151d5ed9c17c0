import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, relative } from 'node:path';
import { parseEnv } from 'node:util';

/** What a file added to the environment. */
export interface EnvFile {
  readonly file: string;
  readonly names: readonly string[];
  /** Why the file was not used, if it was not. */
  readonly skipped?: string;
}

const defaultFile = '.env';
/** These say nothing about the server or the credential. */
const harmless = /^INSTELLIX_(?:DEBUG|MIN_INTERVAL_MS|EMULATOR_\w+)$/;

/**
 * Adds the `INSTELLIX_` variables of a file to the environment. Variables that are set, even to nothing, take precedence.
 *
 * `.env` is used only when the environment names no server and no credential: otherwise the `.env` of a foreign directory could send
 * the secret of the environment, or of a file elsewhere, to another server. A file that the user names may do both.
 *
 * @param file left out: `.env` in the current directory, if there is one
 * @throws Error when the file that the user names cannot be read
 */
export function loadEnvFile(env: Record<string, string | undefined>, file?: string): EnvFile {
  const path = file ?? defaultFile;
  let content: string;
  try {
    content = readEnvFile(path);
  } catch (error) {
    if (file !== undefined) throw error;
    // Perhaps it is not meant for this command, such as a Python environment: a directory that is often called .env.
    const { message, cause } = error as Error;
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    return { file: path, names: [], ...(!isMissing && { skipped: message }) };
  }
  const variables = Object.entries(parseEnv(content));
  const added = variables.filter(([name]) => name.startsWith('INSTELLIX_') && env[name] === undefined);
  const values = Object.fromEntries(added);
  const danger = file === undefined && added.length > 0 && findDanger(env, values);
  if (danger) {
    const skipped = `${path} is not used, because ${danger}. To use it nevertheless, give --env-file ${path}.`;
    return { file: path, names: [], skipped };
  }
  Object.assign(env, values);
  return { file: path, names: added.map(([name]) => name) };
}

function readEnvFile(path: string): string {
  try {
    // Without the byte order mark of editors on Windows. PowerShell 5 writes UTF-16, in which no variable would be found.
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`${path} cannot be read (${code}): check the path and its permissions, and that it is UTF-8.`, {
      cause: error,
    });
  }
}

/** Why the values of a foreign `.env` could send a secret that is not theirs to another server. */
function findDanger(
  env: Readonly<Record<string, string | undefined>>,
  { INSTELLIX_CLIENT_SECRET_FILE: secretFile }: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const present = Object.keys(env).find((name) => name.startsWith('INSTELLIX_') && env[name] && !harmless.test(name));
  if (present) return `${present} is set`;
  return secretFile && isOutside(secretFile)
    ? 'its INSTELLIX_CLIENT_SECRET_FILE is outside of its directory'
    : undefined;
}

/** Whether a file is outside of the current directory. One that cannot be found is left to the step that reads it. */
function isOutside(file: string): boolean {
  if (!existsSync(file)) return false;
  const path = relative(realpathSync('.'), realpathSync(file));
  return /^\.\.(?:[\\/]|$)/.test(path) || isAbsolute(path);
}
