import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startTokenServer } from './token-server.cjs';

const { server, url } = await startTokenServer();
const directory = mkdtempSync(join(tmpdir(), 'packed-'));
const variables = {
  INSTELLIX_API_URL: url,
  INSTELLIX_REALM: 'r',
  INSTELLIX_CLIENT_ID: 'c',
  INSTELLIX_CLIENT_SECRET: 's',
};
// What a user types: the command that the package manager linked.
const instellix = async (...args) => {
  const env = { ...process.env, ...variables };
  const all = [...args, '--store-directory', directory];
  const { stdout, stderr } = await promisify(execFile)('./node_modules/.bin/instellix', all, { env });
  return { stdout, stderr };
};
assert.deepEqual(await instellix('token'), { stdout: 'packed\n', stderr: '' });
const response = { stdout: '{"authorization":"Bearer packed"}', stderr: '200 OK\n' };
assert.deepEqual(await instellix('request', 'GET', '/customers'), response);
const { stdout, stderr } = await instellix('doctor', '--json');
assert.equal(stderr.replace(/^Waiting .*\n/gm, ''), '');
const schema = JSON.parse(readFileSync(new URL(import.meta.resolve('@instellix/cli/doctor.schema.json')), 'utf8'));
const { step } = schema.properties.steps.items.properties;
assert.deepEqual(
  JSON.parse(stdout).steps.map((report) => [report.step, report.status]),
  step.enum.map((name) => [name, 'passed']),
);
rmSync(directory, { recursive: true });
server.closeAllConnections();
server.close();
