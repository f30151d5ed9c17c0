import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { findRelativeLinks, stripFences, toAnchor } from './markdown.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const documents = ['*.md', 'docs/**/*.md', '{packages,apps,tools}/*/README.md', 'benchmarks/*.md'];

const readDocument = (path: string) => readFileSync(path, 'utf8');

function findAnchors(path: string): Set<string> {
  const text = stripFences(readDocument(path));
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => toAnchor(heading));
  const ids = [...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id);
  return new Set([...headings, ...ids]);
}

/** Says what is wrong with a relative link of a document, if anything. */
function findProblem(document: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? document : resolve(dirname(document), decodeURI(path));
  if (!existsSync(target)) return 'there is no such file';
  if (anchor !== undefined && !findAnchors(target).has(anchor)) return 'there is no such heading';
  return undefined;
}

function findBrokenLinks(document: string): string[] {
  return findRelativeLinks(readDocument(document)).flatMap((link) => {
    const problem = findProblem(document, link);
    return problem ? `${relative(root, document)}: ${link}: ${problem}` : [];
  });
}

test('each relative link of a document leads to a file, and its anchor to a heading', () => {
  const found = globSync(documents, { cwd: root, exclude: ['**/node_modules/**'] });
  expect(found.length).toBeGreaterThan(30);
  expect(found.flatMap((document) => findBrokenLinks(resolve(root, document)))).toEqual([]);
});

test('a link to a missing file or heading is found', () => {
  const document = resolve(root, 'README.md');
  expect(findProblem(document, 'docs/missing.md')).toBe('there is no such file');
  expect(findProblem(document, 'docs/errors.md#missing')).toBe('there is no such heading');
  expect(findProblem(document, 'docs/errors.md#refusals-of-the-api')).toBeUndefined();
});
