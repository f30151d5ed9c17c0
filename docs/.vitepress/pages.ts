import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** One page in the sidebar. */
interface Item {
  readonly text: string;
  readonly link: string;
}

/** The title of a page is its first heading. */
function toItem(root: string, path: string): Item {
  const [, title = basename(path, '.md')] = readFileSync(`${root}/${path}`, 'utf8').match(/^# (.+)$/m) ?? [];
  return { text: title.replaceAll(/[\\`]/g, ''), link: `/${path}` };
}

/** Pages are in the order in which the lists at the end of the README name them; the others follow. */
function listItems(root: string, pattern: string): Item[] {
  const readme = readFileSync(`${root}/README.md`, 'utf8');
  const rank = (path: string): number => {
    const index = readme.lastIndexOf(`(${path})`);
    return index === -1 ? readme.length : index;
  };
  const paths = globSync(pattern, { cwd: root, exclude: ['README.md'] }).sort();
  return paths.sort((a, b) => rank(a) - rank(b)).map((path) => toItem(root, path));
}

/** Lists every page of the site below `root`, in groups. */
export function createSidebar(root: string) {
  const group = (text: string, pattern: string) => ({ text, items: listItems(root, pattern) });
  return [
    { text: 'Start', items: [{ text: 'Overview', link: '/' }] },
    group('Packages', 'packages/*/README.md'),
    group('Guides', 'docs/*.md'),
    { ...group('API reference', 'reference/@instellix/**/*.md'), link: '/reference/' },
    group('Samples', 'apps/*/README.md'),
    group('Decisions', 'docs/decisions/*.md'),
    group('Project', '*.md'),
    group('Changelogs', 'packages/*/CHANGELOG.md'),
  ].filter(({ items }) => items.length > 0);
}
