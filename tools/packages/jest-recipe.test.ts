import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findBlocks } from '../markdown.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the recipe for Jest that users read is the one that the package checks run', () => {
  const recipe = findBlocks(read('../../docs/nestjs.md'), 'json')[0].code;
  const { transform, transformIgnorePatterns } = JSON.parse(read('consumers/nestjs-module/jest.config.json'));
  // As text: the first rule that matches counts.
  expect(JSON.stringify(JSON.parse(recipe))).toBe(JSON.stringify({ transform, transformIgnorePatterns }));
});
