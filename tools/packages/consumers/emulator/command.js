import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

// What a user types: the command that the package manager linked.
const code = `
  const { INSTELLIX_API_URL: apiUrl, INSTELLIX_REALM: realm } = process.env;
  const { INSTELLIX_CLIENT_ID: id, INSTELLIX_CLIENT_SECRET: secret } = process.env;
  const headers = { authorization: 'Basic ' + btoa(id + ':' + secret) };
  fetch(new URL('/' + realm + '/oauth2/token', apiUrl), { method: 'POST', headers, body: new URLSearchParams({ grant_type: 'client_credentials' }) })
    .then(({ status }) => console.log(status));
`;
const command = './node_modules/.bin/instellix-emulator';
assert.equal(execFileSync(command, ['exec', '--', process.execPath, '-e', code], { encoding: 'utf8' }), '200\n');
const schema = new URL(import.meta.resolve('@instellix/emulator/seed.schema.json'));
assert.match(readFileSync(schema, 'utf8'), /"title": "Seed of the instellix emulator"/);
