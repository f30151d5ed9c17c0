import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startEmulator } from '@instellix/emulator';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { extractSnippets } from './extract-snippets.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
// Inside the project, so that imports resolve as they do for its packages; a folder of this run's own.
const folder = `${root}tools/snippets/.run-${process.pid}`;
const snippets = extractSnippets(root).map((snippet, index) => ({
  ...snippet,
  title: `${snippet.file}:${snippet.line}`,
  path: `${folder}/${index}-${snippet.file.replaceAll(/\W+/g, '-')}-${snippet.line}.ts`,
}));

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  // A module even when it imports nothing, so that every snippet may await.
  for (const { path, code } of snippets) writeFileSync(path, `${code}\nexport {};\n`);
  // As applications of NestJS are compiled: no other snippet needs more than Node strips by itself.
  const compilerOptions = { erasableSyntaxOnly: false, rewriteRelativeImportExtensions: true };
  const config = { extends: '../../../tsconfig.json', compilerOptions, include: ['*.ts'], exclude: [] };
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(config));
  // Each file by itself, without a look at what it imports: whether it is right is for the first test.
  const emit = ['--noEmit', 'false', '--noCheck', '--noResolve'];
  await run('tsc', ['--project', folder, ...emit], { cwd: root });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a reader who copies a snippet', () => {
  test('finds that it compiles', async () => {
    const { stdout } = await run('tsc', ['--project', folder], { cwd: root }).catch((error) => error);
    expect(stdout).toBe('');
  }, 60_000);

  test.each(snippets.filter(({ kind }) => kind === 'script'))(
    'finds that it runs: $title',
    async ({ path }) => {
      await using emulator = await startEmulator();
      const options = ['--conditions=@instellix/source', '--import=./tools/decorators/register.ts'];
      await run(process.execPath, [...options, path.replace(/ts$/, 'js')], {
        cwd: root,
        env: { ...process.env, ...emulator.env },
      });
    },
    60_000,
  );
});
