import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../', import.meta.url));
// Inside the package, so that imports and npx find what a project with these dependencies has.
const folder = `${root}.recipes-${process.pid}`;
const text = readFileSync(new URL('../../../docs/emulator.md', import.meta.url), 'utf8');
const section = text.slice(text.indexOf('## Recipes'));
const files = [...section.matchAll(/^```js (?:recipe=(\w+) )?file=(\S+)\n([\s\S]*?)^```$/gm)];
const commands = [...section.matchAll(/^```sh recipe=(\w+)\n([\s\S]*?)^```$/gm)];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The recipe for Jest is run with both of its versions. */
const runs = commands.flatMap(([, recipe = '', command = '']) => {
  const written = [recipe, command.trim()] as const;
  const jests = ['jest29', 'jest30'].map((version) => join(root, 'node_modules', version, 'bin', 'jest.js'));
  return recipe === 'jest'
    ? jests.map((jest) => [recipe, written[1].replace('npx jest', `node ${jest}`)] as const)
    : [written];
});

test.each(runs)(
  'the recipe %s works as written, within the default time limits of its runner: %s',
  async (recipe, command) => {
    const own = `${folder}/${recipe}`;
    mkdirSync(own, { recursive: true });
    for (const [, owner, name, code = ''] of files) {
      if (owner === undefined || owner === recipe) writeFileSync(`${own}/${name}`, code);
    }
    const kept = Object.entries(process.env).filter(
      ([name]) => !/^(?:INSTELLIX_|VITEST|NODE_OPTIONS|NODE_TEST)/.test(name),
    );
    const env = { ...Object.fromEntries(kept), CI: '1' };
    const ended = await run('sh', ['-c', command], { cwd: own, env }).catch((error: unknown) => error);
    expect(ended, JSON.stringify(ended)).not.toBeInstanceOf(Error);
  },
  120_000,
);

test('there is a recipe for each kind of runner', () => {
  expect(commands.map(([, recipe]) => recipe)).toEqual(['vitest', 'node', 'jest', 'shell']);
});
