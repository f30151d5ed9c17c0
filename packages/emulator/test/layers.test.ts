import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));
const layers = [
  ['command'],
  ['connect'],
  ['emulator'],
  ['administration', 'portal'],
  ['controls'],
  ['protocol'],
  ['state'],
  ['storage'],
  ['http'],
];
const heightOf = (path: string): number => layers.findIndex((layer) => layer.includes(path.split('/')[0] ?? ''));

test('each folder imports only folders below it', () => {
  const upward: string[] = [];
  for (const file of globSync('*/**/*.ts', { cwd: src })) {
    expect(heightOf(file), file).toBeGreaterThanOrEqual(0);
    for (const [, specifier = ''] of readFileSync(join(src, file), 'utf8').matchAll(
      /(?:from|import\() ?'(\.[^']+)'/g,
    )) {
      const target = join(dirname(file), specifier);
      const isSame = target.split('/')[0] === file.split('/')[0];
      if (!isSame && heightOf(target) <= heightOf(file)) upward.push(`${file} -> ${target}`);
    }
  }
  expect(upward).toEqual([]);
});
