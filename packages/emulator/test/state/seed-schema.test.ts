import { readFileSync, writeFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { toJsonSchema } from '../../src/administration/openapi-document.ts';
import { readSeed, seedSchema } from '../../src/state/seed.ts';

const file = new URL('../../seed.schema.json', import.meta.url);
const validate = new Ajv2020().compile(JSON.parse(readFileSync(file, 'utf8')) as object);

const credential = { clientId: 'a', clientSecret: 'b', roles: ['reader'] };
const user = { username: 'ada', password: 'x', roles: ['auditor'] };
const seeds: [seed: unknown, isGood: boolean][] = [
  [{}, true],
  [{ $schema: './seed.schema.json', credentials: [], portalUsers: [], customers: [] }, true],
  [{ credentials: [credential, { ...credential, clientId: 'c', realm: 'x y', kind: 'api', name: 'C' }] }, true],
  [{ credentials: [{ ...credential, clientSecret: null }] }, true],
  [{ credentials: [{ ...credential, kind: 'portal', roles: ['admin', 'auditor'] }] }, true],
  [{ portalUsers: [user, { ...user, username: 'bob', password: null }] }, true],
  [{ customers: [{ name: 'Ada' }, { id: '1', name: 'Bob', realm: 'x', vip: { since: 1 } }] }, true],
  [null, false],
  [[], false],
  [{ users: [] }, false],
  [{ credentials: {} }, false],
  [{ credentials: [{ clientId: 'a', roles: ['reader'] }] }, false],
  [{ credentials: [{ ...credential, roles: [] }] }, false],
  [{ credentials: [{ ...credential, roles: ['reader', 'reader'] }] }, false],
  [{ credentials: [{ ...credential, roles: ['admin'] }] }, false],
  [{ credentials: [{ ...credential, kind: 'api', roles: ['auditor'] }] }, false],
  [{ credentials: [{ ...credential, clientId: 'a:b' }] }, false],
  [{ credentials: [{ ...credential, clientId: 'a\nb' }] }, false],
  [{ credentials: [{ ...credential, clientId: 'local-client' }] }, false],
  [{ credentials: [{ ...credential, clientSecret: '' }] }, false],
  [{ credentials: [{ ...credential, clientSecret: 'x'.repeat(257) }] }, false],
  [{ credentials: [{ ...credential, realm: 'a/b' }] }, false],
  [{ credentials: [{ ...credential, realm: '..' }] }, false],
  [{ credentials: [{ ...credential, realm: 'portal' }] }, false],
  [{ credentials: [{ ...credential, secret: 'x' }] }, false],
  [{ portalUsers: [{ ...user, username: 'admin' }] }, false],
  [{ portalUsers: [{ ...user, password: ' ' }] }, false],
  [{ portalUsers: [{ username: 'ada', roles: ['auditor'] }] }, false],
  [{ customers: [{}] }, false],
  [{ customers: [{ name: 'x'.repeat(201) }] }, false],
  [{ customers: [{ name: 'Ada', id: 7 }] }, false],
];

test('the file is the JSON schema of seeds; UPDATE_SEED_SCHEMA=1 updates it', () => {
  const text = `${JSON.stringify(toJsonSchema(seedSchema), undefined, 2)}\n`;
  if (process.env['UPDATE_SEED_SCHEMA'] === '1') writeFileSync(file, text);
  expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(file, 'utf8')));
});

test.each(seeds)('the JSON schema and startEmulator agree on %j', async (seed, isGood) => {
  const loads = await readSeed(seed).then(
    () => true,
    () => false,
  );
  expect([validate(seed), loads]).toEqual([isGood, isGood]);
});
