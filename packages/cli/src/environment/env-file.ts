import { readFileSync } from 'node:fs';
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
 * the secret of the environment to another server. A file that the user names may complete the environment.
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
  const present = Object.keys(env).find((name) => name.startsWith('INSTELLIX_') && env[name] && !harmless.test(name));
  if (file === undefined && present !== undefined && added.length > 0) {
    const skipped = `${path} is not used, because ${present} is set. To use both, give --env-file ${path}.`;
    return { file: path, names: [], skipped };
  }
  Object.assign(env, Object.fromEntries(added));
  return { file: path, names: added.map(([name]) => name) };
}

function readEnvFile(path: string): string {
  try {
    // Editors on Windows may write a byte order mark, which `parseEnv` takes for a part of the first name.
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(`${path} cannot be read (${code}): check the path and its permissions.`, { cause: error });
  }
}
