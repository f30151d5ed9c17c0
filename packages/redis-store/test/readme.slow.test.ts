import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startEmulator } from '@instellix/emulator';
import { findFreePort, RedisServer } from '@instellix/testing/servers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findBlocks } from '../../../tools/markdown.ts';
import { describeWithRedis } from './describe-with-redis.ts';

const run = promisify(execFile);
const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
const examples = findBlocks(readme, 'ts redis').map(({ code }) => {
  const [, library = ''] = /from '(redis|ioredis)'/.exec(code) ?? [];
  return { library, code };
});

describeWithRedis('the examples of the README, run as scripts', () => {
  let folder: string;

  beforeAll(async () => {
    // Inside the project, so that the examples find their imports.
    folder = await mkdtemp(fileURLToPath(new URL('.run-', import.meta.url)));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function runExample(code: string, redisUrl: string, env: Record<string, string>): Promise<string> {
    const file = join(folder, `${crypto.randomUUID()}.ts`);
    await writeFile(file, code.replace('redis://127.0.0.1:6379', redisUrl));
    const options = { env: { PATH: process.env['PATH'], ...env }, timeout: 20_000 };
    const { stdout } = await run(process.execPath, ['--conditions=@instellix/source', file], options);
    return stdout.trim();
  }

  test('there is one for each library', () => {
    expect(examples.map(({ library }) => library)).toEqual(['redis', 'ioredis']);
  });

  test.each(examples)('$library: the second run uses the token of the first', { timeout: 60_000 }, async ({ code }) => {
    await using emulator = await startEmulator();
    await using server = await RedisServer.start();
    for (let each = 0; each < 2; each++) expect(await runExample(code, server.url, emulator.env)).toBe('200');
    expect(await emulator.requests.count({ endpoint: 'token' })).toBe(1);
  });

  test.each(examples)(
    '$library: the script runs and ends while Redis is down',
    { timeout: 60_000 },
    async ({ code }) => {
      await using emulator = await startEmulator();
      const url = `redis://127.0.0.1:${await findFreePort()}`;
      expect(await runExample(code, url, emulator.env)).toBe('200');
    },
  );

  test.each(examples)('$library: the script runs and ends while Redis hangs', { timeout: 60_000 }, async ({ code }) => {
    await using emulator = await startEmulator();
    await using server = await RedisServer.start();
    server.freeze();
    try {
      expect(await runExample(code, server.url, emulator.env)).toBe('200');
    } finally {
      server.thaw();
    }
  });
});
