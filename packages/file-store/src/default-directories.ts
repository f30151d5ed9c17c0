import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { preparePrivateDirectory } from './private-directory.ts';

/** What the default directories depend on. */
export interface HostEnvironment {
  readonly platform: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Throws or returns an empty string when the user has no home directory. */
  readonly home: () => string;
  readonly temporary: string;
  readonly uid: number | undefined;
}

const host: HostEnvironment = {
  platform: process.platform,
  variables: process.env,
  home: homedir,
  temporary: tmpdir(),
  uid: process.geteuid?.(),
};

/**
 * Returns the directories of the user for state, the best first.
 *
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function defaultDirectories(environment: HostEnvironment = host): readonly string[] {
  const { platform, variables, temporary, uid } = environment;
  const name = 'instellix';
  const home = findHome(environment);
  if (platform === 'win32') {
    const local = variables['LOCALAPPDATA'] ?? (home && join(home, 'AppData', 'Local'));
    return [local, temporary].filter((parent) => parent !== undefined).map((parent) => join(parent, name));
  }
  const parents = [absolute(variables['XDG_RUNTIME_DIR']), absolute(variables['XDG_STATE_HOME'])];
  if (home) parents.push(platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.local', 'state'));
  const own = parents.filter((parent) => parent !== undefined).map((parent) => join(parent, name));
  // With `sudo -E`, `temporary` may be a directory of another user.
  return [...own, ...new Set([temporary, '/tmp'].map((parent) => join(parent, `${name}-${uid}`)))];
}

/** Creates or checks the first default directory that works, so that processes in the same environment use the same one. */
export async function prepareDefaultDirectory(environment: HostEnvironment = host): Promise<string> {
  const directories = defaultDirectories(environment);
  for (const directory of directories.slice(0, -1)) {
    try {
      if (environment.uid === 0) await checkBelongsToRoot(dirname(directory));
      await preparePrivateDirectory(directory);
      await access(directory, constants.W_OK);
      return directory;
    } catch {
      // The next one may work, for each reason.
    }
  }
  return preparePrivateDirectory(directories.at(-1) as string);
}

/**
 * Throws when a directory, or one above it, belongs to a user other than root. With `sudo -E`, HOME is the user's: what root created
 * there would be in the way of that user.
 */
async function checkBelongsToRoot(directory: string): Promise<void> {
  for (let each = await realpathOfNearest(directory); ; each = dirname(each)) {
    if ((await stat(each)).uid !== 0) throw new Error(`${each} is not owned by root.`);
    if (each === dirname(each)) return;
  }
}

/** The real path of the directory, or of the nearest one above it that exists. */
async function realpathOfNearest(directory: string): Promise<string> {
  return realpath(directory).catch((error) => {
    if (directory === dirname(directory)) throw error;
    return realpathOfNearest(dirname(directory));
  });
}

/** The specification requires that relative paths are ignored. */
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith('/') ? path : undefined;
}

function findHome({ home }: HostEnvironment): string | undefined {
  try {
    return home() || undefined;
  } catch {
    return undefined;
  }
}
