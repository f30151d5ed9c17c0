import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** It lists what the doctor says of misspelled variables. */
const misspelled = 'docs/doctor.md';

/** The names of variables in files. A name that ends with an underscore stands for all of them. */
function findVariables(patterns: readonly string[]): Set<string> {
  const paths = globSync(patterns, { cwd: root, exclude: ['**/node_modules/**', misspelled] });
  const text = paths.map((path) => readFileSync(`${root}${path}`, 'utf8')).join('\n');
  return new Set(text.match(/\bINSTELLIX_[A-Z_]*[A-Z]\b/g));
}

test('documents name only variables that the packages read', () => {
  const read = findVariables(['packages/*/src/**/*.ts']);
  expect(read.size).toBeGreaterThan(8);
  const documented = findVariables([
    '*.md',
    'docs/**/*.md',
    'packages/*/README.md',
    'apps/*/README.md',
    '.changeset/*.md',
  ]);
  expect([...documented].filter((name) => !read.has(name))).toEqual([]);
});

test('docs/environments.md names each variable of core', () => {
  const page = findVariables(['docs/environments.md']);
  expect([...findVariables(['packages/core/src/**/*.ts'])].filter((name) => !page.has(name))).toEqual([]);
});
