import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { describeUnknownVariables } from '../../src/doctor/variables.ts';

const packages = new URL('../../../', import.meta.url);

test('the variables that core and the emulator read are known', () => {
  const sources = globSync(['core/src/**/*.ts', 'emulator/src/**/*.ts'], { cwd: packages });
  const read = sources.flatMap(
    (file) => readFileSync(new URL(file, packages), 'utf8').match(/INSTELLIX_[A-Z_]+[A-Z]/g) ?? [],
  );
  expect(read.length).toBeGreaterThan(10);
  expect(describeUnknownVariables(Object.fromEntries(read.map((name) => [name, 'x'])))).toBe('');
});

test.each([
  ['INSTELLIX_CLIENTID', 'INSTELLIX_CLIENT_ID'],
  ['INSTELLIX_SECRET', 'INSTELLIX_CLIENT_SECRET'],
  ['INSTELLIX_ENV', 'INSTELLIX_ENVIRONMENT'],
  ['INSTELLIX_URL', 'INSTELLIX_API_URL'],
  ['INSTELIX_REALM', 'INSTELLIX_REALM'],
  ['instellix_realm', 'INSTELLIX_REALM'],
])('%s was meant to be %s', (name, meant) => {
  expect(describeUnknownVariables({ [name]: 'x' })).toBe(`${name} has no effect: ${meant} was probably meant.`);
});

test('a variable that resembles none is named without a guess, and those of other programs are left out', () => {
  const env = { INSTELLIX_FAVOURITE_COLOUR: 'x', PATH: 'x', REALM: 'x', INSTELLIX_REALM: 'x' };
  expect(describeUnknownVariables(env)).toBe('INSTELLIX_FAVOURITE_COLOUR is not read by these packages.');
});
