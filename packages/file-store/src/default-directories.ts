import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the default depends on. */
export interface Surroundings {
  readonly platform: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Throws or is empty where the user has none. */
  readonly home: () => string;
  readonly temporary: string;
  readonly uid: number | undefined;
}

const here: Surroundings = {
  platform: process.platform,
  variables: process.env,
  home: homedir,
  temporary: tmpdir(),
  uid: process.geteuid?.(),
};

/**
 * The user's own places for state, the best first; whoever can use one does not look at the next, so that all processes
 * with the same surroundings meet in the same place.
 *
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function defaultDirectories(surroundings: Surroundings = here): readonly string[] {
  const { platform, variables, temporary, uid } = surroundings;
  const name = 'instellix';
  const home = findHome(surroundings);
  const own: (string | undefined)[] = [];
  if (platform === 'win32') own.push(variables['LOCALAPPDATA'] ?? (home && join(home, 'AppData', 'Local')));
  else {
    own.push(absolute(variables['XDG_RUNTIME_DIR']), absolute(variables['XDG_STATE_HOME']));
    if (home) own.push(platform === 'darwin' ? join(home, 'Library', 'Caches') : join(home, '.local', 'state'));
  }
  const places = own.filter((place) => place !== undefined).map((place) => join(place, name));
  return [...places, join(temporary, uid === undefined ? name : `${name}-${uid}`)];
}

/** The specification has relative paths ignored. */
function absolute(path: string | undefined): string | undefined {
  return path?.startsWith('/') ? path : undefined;
}

function findHome({ home }: Surroundings): string | undefined {
  try {
    return home() || undefined;
  } catch {
    return undefined;
  }
}
