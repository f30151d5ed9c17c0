import { join } from 'node:path';
import { readJson } from './public-packages.ts';

const form = /^https:\/\/[\w.-]+\/[\w.-]+\/[\w.-]+$/;

/**
 * Reads the address of the repository from its only place, `repository` in the root `package.json`.
 *
 * @throws Error when it is not set, or is no such address; the message says what to write
 */
export function readRepository(root: string): string {
  const { repository } = readJson<{ repository?: string }>(join(root, 'package.json'));
  return checkRepository(repository);
}

/** Returns the address without a trailing `.git`. @throws Error when it is not set, or is no such address */
export function checkRepository(repository: string | undefined): string {
  const address = repository?.replace(/\.git$/, '');
  if (address !== undefined && form.test(address)) return address;
  const problem = repository === undefined ? 'is not set' : `is ${JSON.stringify(repository)}`;
  throw new Error(
    `Cannot prepare a release: "repository" in the root package.json ${problem}. ` +
      'Set it to the address of the project, such as "https://github.com/<owner>/<name>". ' +
      'The links in the packages and the provenance of a release come from it (see docs/releasing.md).',
  );
}
