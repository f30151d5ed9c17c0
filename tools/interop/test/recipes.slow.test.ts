import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connectEmulator } from '@instellix/emulator';
import { findFreePort } from '@instellix/testing/servers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { findBlocks } from '../../markdown.ts';
import { findProgram } from '../../skipped-tests/requirements.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../', import.meta.url));
// Inside the package, so that imports and npx find what a project with these dependencies has.
const folder = `${root}.recipes-${process.pid}`;
const text = readFileSync(new URL('../../../docs/emulator.md', import.meta.url), 'utf8');
const section = text.slice(text.indexOf('## Recipes'));
const files = findBlocks(section, / file=/);
const commands = findBlocks(section, /^sh recipe=/).map(
  ({ attributes: { recipe = '' }, code }) => [recipe, code] as const,
);
const chromium = findProgram('chromium');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The recipe for Jest is run with both of its versions, and that for Playwright with the browser of this machine. */
const runs = commands.flatMap(([recipe, written]) => {
  const command = written.trim();
  const jests = ['jest29', 'jest30'].map((version) => join(root, 'node_modules', version, 'bin', 'jest.js'));
  const adapted: Readonly<Record<string, readonly string[]>> = {
    jest: jests.map((jest) => command.replace('npx jest', `node ${jest}`)),
    playwright: [`${command} --config chromium.config.mjs`],
  };
  return (adapted[recipe] ?? [command]).map((each) => [recipe, each] as const);
});
// By default, Playwright puts its results into the closest folder with a package.json, which other runs share.
const chromiumConfig = `import config from './playwright.config.mjs';
const use = { ...config.use, launchOptions: { executablePath: '${chromium}' } };
export default { ...config, use, outputDir: 'test-results' };`;

const kept = Object.entries(process.env).filter(
  ([name]) => !/^(?:INSTELLIX_|VITEST|NODE_OPTIONS|NODE_TEST)/.test(name),
);
// Runners leave their caches in the directory for temporary files.
const environment = { ...Object.fromEntries(kept), CI: '1', TMPDIR: `${folder}/tmp` };
beforeAll(() => mkdirSync(environment.TMPDIR, { recursive: true }));

/** Writes the files of a recipe, with a free port in place of the application's. Returns their folder. */
async function writeRecipe(recipe: string): Promise<string> {
  const own = `${folder}/${recipe}`;
  const port = String(await findFreePort());
  mkdirSync(own, { recursive: true });
  for (const { attributes, code } of files) {
    const isShared = attributes['recipe'] === undefined;
    if (isShared || attributes['recipe'] === recipe)
      writeFileSync(`${own}/${attributes['file']}`, code.replaceAll('3000', port));
  }
  return own;
}

test.for(runs)(
  'the recipe %s works as written, within the default time limits of its runner: %s',
  { timeout: 120_000 },
  async ([recipe, command], { skip }) => {
    skip(recipe === 'playwright' && chromium === undefined, 'there is no chromium');
    const cwd = await writeRecipe(recipe);
    if (recipe === 'playwright') writeFileSync(`${cwd}/chromium.config.mjs`, chromiumConfig);
    const ended = await run('sh', ['-c', command], { cwd, env: environment }).catch((error: unknown) => error);
    expect(ended, JSON.stringify(ended)).not.toBeInstanceOf(Error);
  },
);

test('there is a recipe for each kind of runner', () => {
  expect(commands.map(([recipe]) => recipe)).toEqual(['vitest', 'node', 'jest', 'playwright', 'shell']);
});

interface ComposeFile {
  readonly services: {
    readonly app: { readonly environment: Readonly<Record<string, string>> };
    readonly instellix: {
      readonly command: string;
      readonly network_mode: string;
      readonly volumes: readonly string[];
    };
  };
}

test('the recipe for docker compose works without its containers', async () => {
  const yaml = findBlocks(section, 'yaml recipe=compose')[0].code;
  const { app, instellix } = (parse(yaml) as ComposeFile).services;
  const { port } = new URL(app.environment['INSTELLIX_API_URL'] ?? '');
  const [hostPath = '', containerPath = ''] = instellix.volumes[0]?.split(':') ?? [];
  const start = `npx --yes @instellix/emulator --port ${port} `;
  expect(instellix.command.slice(0, start.length)).toBe(start);
  expect(instellix.network_mode).toBe('service:app');

  const cwd = await writeRecipe('compose');
  const freePort = String(await findFreePort());
  const url = `http://127.0.0.1:${freePort}`;
  const flags = instellix.command.slice(start.length).replace(containerPath, hostPath).split(' ');
  const bin = join(root, 'node_modules', '.bin', 'instellix-emulator');
  const emulator = spawn(bin, ['--port', freePort, ...flags], {
    cwd,
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(emulator, 'exit');
  try {
    await (await connectEmulator(url, { readyTimeoutMs: 30_000 })).close();
    const env = { ...environment, ...app.environment, INSTELLIX_API_URL: url };
    const code = `import { countCustomers } from './app.mjs'; console.log(await countCustomers());`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code], { cwd, env });
    expect(stdout).toBe('3\n');
  } finally {
    emulator.kill();
    await ended;
  }
}, 60_000);
