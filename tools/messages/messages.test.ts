import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findPublicPackages } from '../release/public-packages.ts';
import { collectMessages } from './collect-messages.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The messages of all published packages, one per line, sorted. */
function listMessages(): string {
  const lists = findPublicPackages(root).map(({ directory }) => {
    const files = globSync(`${directory}/{src,bin}/**/*.{ts,cts,js}`, { cwd: root });
    const messages = new Set(files.flatMap((file) => collectMessages(readFileSync(join(root, file), 'utf8'))));
    return [`# ${directory}/`, ...[...messages].toSorted(), ''].join('\n');
  });
  return lists.join('\n');
}

test('messages.txt lists every message of the published packages; vitest --update updates it', async () => {
  await expect(listMessages()).toMatchFileSnapshot('messages.txt');
});

test('finds messages in literals, templates, concatenations and markup', () => {
  const source = `
    throw new TypeError('client.fetch: init must be an object.');
    const first = { problem: \`port: \${port} is already \` + word };
    const second = isLong ? 'it is longer than ' + '64 KiB' : html\`<p>This form is <b>too large</b>.</p>\`;
    database.prepare('SELECT id FROM tokens');
  `;
  expect(collectMessages(source)).toEqual([
    'client.fetch: init must be an object.',
    'port: {port} is already',
    'it is longer than 64 KiB',
    'This form is',
    'too large',
  ]);
});
