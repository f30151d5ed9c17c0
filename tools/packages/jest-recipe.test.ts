import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

test('the recipe for Jest that users read is the one that the package checks run', () => {
  const [, recipe = ''] = /^```json\n([\s\S]*?)^```$/m.exec(read('../../docs/nestjs.md')) ?? [];
  const { transform, transformIgnorePatterns } = JSON.parse(read('consumers/nestjs-module/jest.config.json'));
  // As text: the first rule that matches counts.
  expect(JSON.stringify(JSON.parse(recipe))).toBe(JSON.stringify({ transform, transformIgnorePatterns }));
});
