import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { collectMessages } from './collect-messages.ts';

const root = new URL('../../', import.meta.url);

/** The messages of all published packages, one per line, sorted. */
function listMessages(): string {
  const packages = globSync('packages/*/package.json', { cwd: root }).toSorted();
  const published = packages.filter((path) => !JSON.parse(readFileSync(new URL(path, root), 'utf8')).private);
  const lists = published.map((path) => {
    const folder = path.replace('package.json', '');
    const files = globSync(`${folder}{src,bin}/**/*.{ts,cts,js}`, { cwd: root });
    const messages = new Set(files.flatMap((file) => collectMessages(readFileSync(new URL(file, root), 'utf8'))));
    return [`# ${folder}`, ...[...messages].toSorted(), ''].join('\n');
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
