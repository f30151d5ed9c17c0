import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { listBlocks } from '../markdown.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const documents = globSync(['docs/**/*.md', 'packages/*/README.md'], { cwd: root, exclude: ['**/node_modules/**'] });

/** Blocks such as ` ```js excerpt=tools/…/page.js `: parts of a file that other tests run. */
const excerpts = documents.flatMap((document) => {
  const text = readFileSync(`${root}${document}`, 'utf8');
  return listBlocks(text).flatMap(({ attributes: { excerpt: file }, code }) =>
    file ? [{ document, file, code }] : [],
  );
});

/** The lines of code, in order and without their indentation. */
const linesOf = (code: string) =>
  code
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith('//'));

test('there are excerpts', () => {
  expect(excerpts.length).toBeGreaterThan(3);
});

test.each(excerpts)('$document has only lines of $file, in the same order', ({ file, code }) => {
  const lines = linesOf(readFileSync(`${root}${file}`, 'utf8'));
  let from = 0;
  for (const line of linesOf(code)) {
    const found = lines.indexOf(line, from);
    expect(found, `${line} is missing after line ${from} of code`).toBeGreaterThanOrEqual(0);
    from = found + 1;
  }
});
