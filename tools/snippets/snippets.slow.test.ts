import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Emulator, startEmulator } from '@instellix/emulator';
import { RedisServer } from '@instellix/testing/servers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../skipped-tests/requirements.ts';
import { callFunction } from './call-function.ts';
import { CompiledSnippets, nodeOptions, root, run } from './compiled-snippets.ts';
import { startCorporateNetwork } from './corporate-network.ts';
import type { SnippetKind } from './extract-snippets.ts';

const compiled = new CompiledSnippets('scripts');
const { snippets } = compiled;
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'snippets-'));
  await compiled.compile();
});
afterAll(() => rm(home, { recursive: true, force: true }));
afterAll(() => compiled[Symbol.dispose]());

/** What the process of a reader has: none of the variables of this one, and directories of its own. They share code that Node has compiled. */
async function createVariables(emulator: Emulator): Promise<Record<string, string>> {
  const directory = await mkdtemp(join(home, 'user-'));
  const compiledCode = { NODE_COMPILE_CACHE: join(home, 'compiled') };
  return { PATH: process.env['PATH'] ?? '', HOME: directory, TMPDIR: directory, ...compiledCode, ...emulator.env };
}

async function runScript(script: string, env: Record<string, string>): Promise<void> {
  await run(process.execPath, [...nodeOptions, script], { cwd: root, env, timeout: 40_000 });
}

async function runTwice(script: string, env: Record<string, string>): Promise<void> {
  await runScript(script, env);
  await runScript(script, env);
}

const ways: Partial<Record<SnippetKind, (script: string) => Promise<void>>> = {
  async script(script) {
    await using emulator = await startEmulator();
    await runTwice(script, await createVariables(emulator));
  },
  async redis(script) {
    await using emulator = await startEmulator();
    await using server = await RedisServer.start();
    await writeFile(script, (await readFile(script, 'utf8')).replace('redis://127.0.0.1:6379', server.url));
    await runTwice(script, await createVariables(emulator));
    // The second run has used the token of the first.
    expect(await emulator.requests.count({ endpoint: 'token' })).toBe(1);
  },
  async proxy(script) {
    await using emulator = await startEmulator();
    await using network = await startCorporateNetwork(emulator.url);
    await runTwice(script, { ...(await createVariables(emulator)), ...network.env });
    expect(new Set(network.tunnels)).toEqual(new Set(['api.instellix.test:443']));
  },
  async throttled(script) {
    // A busy machine may start the second run late.
    await using emulator = await startEmulator({ throttleWindowMs: 60_000 });
    const env = await createVariables(emulator);
    await runScript(script, env);
    await expect(runScript(script, env)).rejects.toMatchObject({ stderr: expect.stringContaining('401') });
  },
  async function(script) {
    await using emulator = await startEmulator({ tokenTtlSeconds: 3 });
    await callFunction(script, await createVariables(emulator));
    expect(await emulator.requests.count({ reason: 'token_expired' })).toBe(0);
  },
};

describe('a reader who copies a snippet', () => {
  test('finds that it compiles', { timeout: 60_000 }, async () => {
    expect(await compiled.checkTypes()).toBe('');
  });

  test.concurrent.for(snippets.filter(({ kind }) => kind in ways))(
    'finds that it runs, twice in a row: $title, $kind',
    { timeout: 120_000 },
    async ({ kind, script }, { skip }) => {
      skip(kind === 'redis' && findProgram('redis-server') === undefined, 'there is no redis-server');
      await ways[kind]?.(script);
    },
  );
});
