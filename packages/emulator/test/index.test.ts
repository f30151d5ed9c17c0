import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as emulator from '../src/index.ts';

test('exports exactly these names', () => {
  expect(Object.keys(emulator)).toEqual(['connectEmulator', 'startEmulator']);
  const source = readFileSync(new URL('../src/index.ts', import.meta.url), 'utf8');
  const lists = [...source.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, names = '']) => names.split(','));
  const names = lists.map((name) => name.trim()).filter((name) => name !== '');
  expect(names.toSorted()).toEqual([
    'ClockControls',
    'ConnectOptions',
    'ConnectedEmulator',
    'ConnectedFaultHandle',
    'CreateCredentialOptions',
    'CredentialControls',
    'CredentialKind',
    'CredentialStatus',
    'CredentialSummary',
    'Emulator',
    'EmulatorOptions',
    'EmulatorSeed',
    'Fault',
    'FaultControls',
    'FaultHandle',
    'FaultSummary',
    'FollowOptions',
    'FollowedRequests',
    'Profile',
    'Reason',
    'RequestControls',
    'RequestEntry',
    'RequestFilter',
    'Role',
    'SeedCredential',
    'SeedCustomer',
    'SeedPortalUser',
    'TokenControls',
    'WaitForOptions',
    'connectEmulator',
    'startEmulator',
  ]);
});
