import { expect, it } from 'vitest';
import { nearestName } from '../../src/configuration/nearest-name.ts';

const known = ['environment', 'realm', 'clientId', 'clientSecret', 'fetch'];

it.each([
  ['relam', 'realm'],
  ['clientID', 'clientId'],
  ['client_id', 'clientId'],
  ['client-secret', 'clientSecret'],
  ['ClientSecrets', 'clientSecret'],
  ['enviroment', 'environment'],
  ['fech', 'fetch'],
])('guesses what the typing error %s was meant to be', (typed, meant) => {
  expect(nearestName(typed, known)).toBe(meant);
});

it.each(['', 'x', 'tenant', 'tokenEndpoint', 'id', 'secret'])('does not mislead whoever typed %j', (typed) => {
  expect(nearestName(typed, known)).toBeUndefined();
});

it('takes no longer for a name of a million letters', () => {
  expect(nearestName('a'.repeat(1_000_000), known)).toBeUndefined();
});
