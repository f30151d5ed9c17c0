import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBlocks } from '../markdown.ts';
import { run } from './run.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const read = (language: string) => findBlocks(readme, language).map(({ code }) => code);

/**
 * Follows the first five minutes of the README: creates a project, installs the packed tarballs, and runs the first script twice.
 *
 * @param folder where the tarballs are
 */
export async function checkReadme(folder: string): Promise<void> {
  const [install = '', execute = ''] = read('sh');
  const [script = ''] = read('ts');
  const start = install.indexOf('mkdir ../my-project');
  assert(start > 0, 'The README does not create a project.');
  const checkout = join(folder, 'readme');
  await run('mkdir', [checkout], folder);
  const commands = install.slice(start).replaceAll('/tmp/instellix/', `${folder}/`);
  await run('sh', ['-e', '-c', commands], checkout);
  const project = join(folder, 'my-project');
  writeFileSync(join(project, 'main.ts'), script);
  for (let each = 0; each < 2; each++) {
    assert.match(await run('sh', ['-e', '-c', execute], project), /^200 [\s\S]*Ada Lovelace/);
  }
}
