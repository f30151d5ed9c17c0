import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/** The variables that a file added. */
export interface EnvFile {
  readonly file: string;
  readonly names: readonly string[];
}

const defaultFile = '.env';

/**
 * Adds the `INSTELLIX_` variables of a file to the environment. Variables that are set, even to nothing, take precedence.
 *
 * @param file left out: `.env` in the current directory, if there is one
 * @throws Error when the file cannot be read
 */
export function loadEnvFile(env: Record<string, string | undefined>, file?: string): EnvFile {
  const path = file ?? defaultFile;
  const variables = Object.entries(parseEnv(readEnvFile(path, file === undefined)));
  const added = variables.filter(([name]) => name.startsWith('INSTELLIX_') && env[name] === undefined);
  Object.assign(env, Object.fromEntries(added));
  return { file: path, names: added.map(([name]) => name) };
}

function readEnvFile(path: string, isOptional: boolean): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isOptional && code === 'ENOENT') return '';
    throw new Error(`${path} cannot be read (${code}): check the path and its permissions.`, { cause: error });
  }
}
