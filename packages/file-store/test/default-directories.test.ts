import { isAbsolute } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultDirectories, type Surroundings } from '../src/default-directories.ts';

const linux: Surroundings = {
  platform: 'linux',
  variables: {},
  home: () => '/home/ada',
  temporary: '/tmp',
  uid: 1_000,
};
const first = (other: Partial<Surroundings>) => defaultDirectories({ ...linux, ...other })[0];

describe('who names no directory gets one of the user’s own', () => {
  test.each<[string, Partial<Surroundings>, string]>([
    ['in the runtime directory', { variables: { XDG_RUNTIME_DIR: '/run/user/1000' } }, '/run/user/1000/instellix'],
    ['in the state directory', { variables: { XDG_STATE_HOME: '/state' } }, '/state/instellix'],
    ['at home', {}, '/home/ada/.local/state/instellix'],
    [
      'not below a relative path, which the specification ignores',
      { variables: { XDG_RUNTIME_DIR: 'run' } },
      '/home/ada/.local/state/instellix',
    ],
    ['not below an empty path', { variables: { XDG_STATE_HOME: '' } }, '/home/ada/.local/state/instellix'],
    ['on macOS', { platform: 'darwin' }, '/home/ada/Library/Caches/instellix'],
    ['without a home', { home: () => '' }, '/tmp/instellix-1000'],
    [
      'without an account',
      {
        home: () => {
          throw new Error('no such user');
        },
      },
      '/tmp/instellix-1000',
    ],
    ['on Windows', { platform: 'win32', uid: undefined, variables: { LOCALAPPDATA: '/local' } }, '/local/instellix'],
    ['on Windows without the variable', { platform: 'win32', uid: undefined }, '/home/ada/AppData/Local/instellix'],
  ])('%s', (_, surroundings, expected) => {
    expect(first(surroundings)).toBe(expected);
  });

  test('and another one where the first cannot be used, the temporary one at last', () => {
    const variables = { XDG_RUNTIME_DIR: '/run/user/1000', XDG_STATE_HOME: '/state' };
    expect(defaultDirectories({ ...linux, variables })).toEqual([
      '/run/user/1000/instellix',
      '/state/instellix',
      '/home/ada/.local/state/instellix',
      '/tmp/instellix-1000',
    ]);
  });

  test('here, too', () => {
    expect(defaultDirectories().every((directory) => isAbsolute(directory))).toBe(true);
  });
});
