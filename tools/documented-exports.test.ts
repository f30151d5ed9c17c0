import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

const root = new URL('..', import.meta.url);
const documents = globSync(['docs/*.md', 'README.md', 'packages/*/README.md'], { cwd: root });
const texts = await Promise.all(documents.map((path) => readFile(new URL(path, root), 'utf8')));

/** The names that an entry point exports, types included. */
async function exportsOf(path: string): Promise<string[]> {
  const source = await readFile(new URL(path, root), 'utf8');
  const lists = [...source.matchAll(/export (?:type )?\{([^}]*)\}/g)].map(([, list = '']) => list);
  return lists.flatMap((list) => list.split(',')).flatMap((name) => name.replace('type ', '').trim() || []);
}

describe('every export for users is named in a document', () => {
  test('of @instellix/core', async () => {
    const names = await exportsOf('packages/core/src/index.ts');
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => !texts.some((text) => new RegExp(`\\b${name}\\b`).test(text)))).toEqual([]);
  });
});
