import { expect, test } from 'vitest';
import { findBlocks, findRelativeLinks, listBlocks, rewriteRelativeLinks, stripFences, toAnchor } from './markdown.ts';

const text = [
  '# Title',
  '[![badge](badge.svg)](ci.md) [heading](#use) [site](https://example.com/a.md) [mail](mailto:a@example.com)',
  '```js recipe=vitest file=app.js',
  '[code](../b.md)',
  '```',
  '[last](c.md#d)',
  '```sh',
  '```',
].join('\n');

test('lists blocks with their attributes and the line of their code', () => {
  const info = 'js recipe=vitest file=app.js';
  const attributes = { recipe: 'vitest', file: 'app.js' };
  expect(listBlocks(text)).toEqual([
    { info, attributes, code: '[code](../b.md)\n', line: 4 },
    { info: 'sh', attributes: {}, code: '', line: 8 },
  ]);
});

test('finds blocks by their whole info string or by a pattern, and throws when there is none', () => {
  expect(findBlocks(text, /^js .*recipe=/)[0].line).toBe(4);
  expect(findBlocks(text, 'sh')).toHaveLength(1);
  expect(() => findBlocks(text, 'js')).toThrow('There is no block of js. The document starts with: # Title');
});

test('removes blocks', () => {
  expect(stripFences('a\n```sh\nb\n```\nc')).toBe('a\n\nc');
});

test('finds relative links outside of code, also those of images', () => {
  expect(findRelativeLinks(text)).toEqual(['badge.svg', 'ci.md', '#use', 'c.md#d']);
});

test('rewrites relative links outside of code', () => {
  const rewritten = rewriteRelativeLinks(text, (target, isImage) => `${isImage ? 'raw' : 'blob'}/${target}`);
  expect(rewritten).toBe(
    text
      .replace('badge.svg', 'raw/badge.svg')
      .replace('ci.md', 'blob/ci.md')
      .replace('#use', 'blob/#use')
      .replace('c.md#d', 'blob/c.md#d'),
  );
});

test('the anchor of a heading has neither its markup nor its punctuation', () => {
  expect(toAnchor('The `a_b` of [core](core.md): Größe, 2nd')).toBe('the-a_b-of-core-größe-2nd');
});
