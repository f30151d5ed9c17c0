import type { EmulatorState } from '../state/emulator-state.ts';

const LONGEST = 40;
const PLAIN = /^(?:\/[a-z]{1,20}(?:[-_][a-z]{1,20}){0,2}|\/v?\d{1,6}){1,6}\/?$/;

/** Stands for a path that the request log does not show. */
export const HIDDEN_PATH = '/{hidden}';

/**
 * A path that no route has, if it can be shown: a fault names it, or it is short plain words without a client secret.
 *
 * Whatever else stands in a path may be a token or a secret that was put into the wrong place.
 */
export function visiblePath({ digester, faults, secrets }: EmulatorState, method: string, path: string): string {
  if (path === '/' || faults.names(`${method} ${path}`)) return path;
  if (path.length > LONGEST || !PLAIN.test(path)) return HIDDEN_PATH;
  for (let start = 0; start < path.length; start += 1) {
    for (let end = start + 1; end <= path.length; end += 1) {
      if (secrets.has(digester.digest(path.slice(start, end)))) return HIDDEN_PATH;
    }
  }
  return path;
}
