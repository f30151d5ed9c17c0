import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const listFiles = (project: string) =>
  execFileSync('tsc', ['--listFilesOnly', '--project', project], { cwd: root, encoding: 'utf8' }).trim().split('\n');

/** Applications that packages are tried in, with compilers and configurations of their own. */
const consumers = /^tools\/(?:packages\/consumers|interop\/next-app)\//;

test('an editor finds the types of every file in the project at the root, or in that of the NestJS application', {
  timeout: 60_000,
}, () => {
  const known = new Set([...listFiles('.'), ...listFiles('apps/nestjs-api')].map((path) => relative(root, path)));
  const exclude = ['**/node_modules', '**/dist', '**/.*'];
  const files = globSync('**/*.ts', { cwd: root, exclude }).filter((path) => !consumers.test(path));
  expect(files.length).toBeGreaterThan(500);
  expect(files.filter((path) => !known.has(path))).toEqual([]);
});
