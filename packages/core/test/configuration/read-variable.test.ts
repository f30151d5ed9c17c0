import { beforeEach, expect, it, vi } from 'vitest';
import { describeUnknownVariables, readVariable } from '../../src/configuration/read-variable.ts';
import { clearVariables, setVariables } from './variables.ts';

beforeEach(clearVariables);

/** Reads while the global `process` is another one. */
function readWith(process: unknown): string | undefined {
  vi.stubGlobal('process', process);
  try {
    return readVariable('INSTELLIX_REALM');
  } finally {
    vi.unstubAllGlobals();
  }
}

it('reads a variable at each call, so that dotenv may load before the client', () => {
  expect(readVariable('INSTELLIX_REALM')).toBeUndefined();
  setVariables({ INSTELLIX_REALM: 'acme' });
  expect(readVariable('INSTELLIX_REALM')).toBe('acme');
});

it('returns undefined for an empty variable', () => {
  setVariables({ INSTELLIX_REALM: '' });
  expect(readVariable('INSTELLIX_REALM')).toBeUndefined();
});

it.each([undefined, null, {}, { env: undefined }, 'polyfill'])('returns undefined where process is %j', (process) => {
  expect(readWith(process)).toBeUndefined();
});

it('returns undefined where reading variables is not permitted', () => {
  const env = new Proxy(
    {},
    {
      get: () => {
        throw new Error('NotCapable');
      },
    },
  );
  expect(readWith({ env })).toBeUndefined();
});

it('names variables that no client reads', () => {
  setVariables({ INSTELLIX_REALM: 'acme' });
  expect(describeUnknownVariables()).toBeUndefined();
  vi.stubEnv('INSTELLIX_CLIENTID', 'reader');
  expect(describeUnknownVariables()).toBe('Set, but not read by any client: INSTELLIX_CLIENTID. Check the spelling.');
  vi.stubEnv('INSTELLIX_CLIENTID', undefined);
});
