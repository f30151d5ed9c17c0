import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const { packageManager, scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
  packageManager: string;
  scripts: Record<string, string>;
};
const workflows = globSync('.github/workflows/*.yml', { cwd: root }).map((path) => ({
  path,
  content: readFileSync(`${root}/${path}`, 'utf8'),
}));

test('there is a workflow for checks and one for releases', () => {
  expect(workflows.map(({ path }) => path).sort()).toEqual([
    '.github/workflows/ci.yml',
    '.github/workflows/release.yml',
  ]);
});

describe.each(workflows)('$path', ({ content }) => {
  test('pins each action by its full version', () => {
    const actions = [...content.matchAll(/uses: (\S+)/g)].map(([, action]) => action);
    expect(actions.length).toBeGreaterThan(2);
    expect(actions.filter((action) => !/@v\d+\.\d+\.\d+$/.test(action ?? ''))).toEqual([]);
  });

  test('uses the version of pnpm that the project pins', () => {
    const versions = [...content.matchAll(/pnpm@[\d.]+/g)].map(([version]) => version);
    expect(new Set(versions)).toEqual(new Set([packageManager]));
  });

  test('runs scripts that exist', () => {
    const names = [...content.matchAll(/(?:\$PNPM|pnpm@[\d.]+) run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

test('the slow tests get the programs that .ci/run installs', () => {
  const [, programs = ''] = readFileSync(`${root}/.ci/run`, 'utf8').match(/for program in (.+); do/) ?? [];
  const [, installed] =
    workflows
      .map(({ content }) => content)
      .join()
      .match(/apt-get install .*recommends (.+)/) ?? [];
  expect(installed?.split(' ').sort()).toEqual(programs.split(' ').sort());
});
