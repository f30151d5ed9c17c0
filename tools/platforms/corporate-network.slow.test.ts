import { startEmulator } from '@instellix/emulator';
import { startService } from '@instellix/testing/servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CompiledSnippets, nodeOptions, root, run } from '../snippets/compiled-snippets.ts';
import { startCorporateNetwork } from '../snippets/corporate-network.ts';

const isWanted = (file: string, kind: string) =>
  (file === 'README.md' && kind === 'script') || (file === 'docs/express-proxy.md' && kind === 'service');
const compiled = new CompiledSnippets('network', ({ file, kind }) => isWanted(file, kind));
const find = (word: string) => compiled.snippets.find(({ code }) => code.includes(word))?.script ?? '';
const scripts = { 'client.fetch': find('client.fetch('), Axios: find('axios.create(') };
const proxyService = find('instellixProxy(');

beforeAll(() => compiled.compile());
afterAll(() => compiled[Symbol.dispose]());

/** An emulator in a corporate network, and the variables of a process in it. */
async function startNetwork() {
  const emulator = await startEmulator();
  const network = await startCorporateNetwork(emulator.url);
  return {
    tunnels: network.tunnels,
    env: { PATH: process.env['PATH'] ?? '', ...emulator.env, ...network.env },
    async [Symbol.asyncDispose]() {
      await network[Symbol.asyncDispose]();
      await emulator.close();
    },
  };
}

/** Runs a script of the README, which names its errors in stderr. */
async function runScript(script: string, env: Record<string, string>, flags: readonly string[] = []) {
  const {
    stdout,
    stderr,
    code = 0,
  } = await run(process.execPath, [...nodeOptions, ...flags, script], {
    cwd: root,
    env,
    timeout: 50_000,
  }).catch((error) => error);
  return { code, output: `${stdout}${stderr}` };
}

describe.each(Object.entries(scripts))('%s in a corporate network', (_, script) => {
  test('goes through the proxy with NODE_USE_ENV_PROXY', async () => {
    await using network = await startNetwork();
    const { code, output } = await runScript(script, { ...network.env, NODE_USE_ENV_PROXY: '1' });
    expect([code, output]).toEqual([0, expect.stringContaining('Ada Lovelace')]);
    expect(new Set(network.tunnels)).toEqual(new Set(['api.instellix.test:443']));
  });

  test('names NODE_EXTRA_CA_CERTS while the CA is not trusted', async () => {
    await using network = await startNetwork();
    const { NODE_EXTRA_CA_CERTS: _, ...env } = { ...network.env, NODE_USE_ENV_PROXY: '1' };
    const { code, output } = await runScript(script, env);
    expect(code).toBe(1);
    expect(output).toMatch(/UNABLE_TO_VERIFY_LEAF_SIGNATURE.*NODE_EXTRA_CA_CERTS/);
  });

  test.each([
    { flags: ['--use-system-ca'], variables: {} },
    { flags: [], variables: { NODE_USE_SYSTEM_CA: '1' } },
  ])(
    'trusts a CA of the operating system with $flags $variables',
    { timeout: 30_000 },
    async ({ flags, variables }) => {
      await using network = await startNetwork();
      const { NODE_EXTRA_CA_CERTS: caFile, ...others } = network.env;
      const env = { ...others, ...variables, SSL_CERT_FILE: caFile, NODE_USE_ENV_PROXY: '1' };
      expect(await runScript(script, env, flags)).toMatchObject({ code: 0 });
    },
  );
});

test('Axios without NODE_USE_ENV_PROXY gets no token, although it reads HTTPS_PROXY itself', {
  timeout: 60_000,
}, async () => {
  await using network = await startNetwork();
  const { code, output } = await runScript(scripts.Axios, network.env);
  expect([code, output]).toEqual([1, expect.stringMatching(/cannot be reached \(E(NOTFOUND|AI_AGAIN)\)/)]);
  expect(network.tunnels).toEqual([]);
});

test('the proxy for Express goes through the corporate proxy', async () => {
  await using network = await startNetwork();
  const env = { ...network.env, NODE_USE_ENV_PROXY: '1', NO_PROXY: '127.0.0.1', PARTNER_KEY: 'key-of-a-partner' };
  await using service = await startService({ args: [...nodeOptions, proxyService], folder: root, env, readyPath: '/' });
  const headers = { 'x-partner-key': 'key-of-a-partner' };
  expect(await service.read('/api/customers', { headers })).toMatchObject({ status: 200 });
  expect(new Set(network.tunnels)).toEqual(new Set(['api.instellix.test:443']));
});
