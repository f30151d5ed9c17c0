import { posix } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';

/** A token of markdown-it. */
type Token = ReturnType<MarkdownRenderer['parse']>[number];

const url = /^(?:[a-z][a-z+.-]*:|\/)/i;

/**
 * Adapts links that work in the repository to the site. The README is its first page. Links to files that are no pages,
 * such as sources, lead to the repository; while its address is not set, only their text remains.
 *
 * @param isPage whether a path, relative to the root, is a page of the site
 */
export function adaptLinks(
  md: MarkdownRenderer,
  repository: string | undefined,
  isPage: (path: string) => boolean,
): void {
  md.core.ruler.push('adapt-links', ({ tokens, env }) => {
    const { relativePath } = env as { relativePath: string };
    for (const [link, end] of tokens.flatMap(({ children }) => pairLinks(children ?? []))) {
      const href = link.attrGet('href') ?? '';
      const [target = ''] = href.split('#');
      const path = posix.join(posix.dirname(relativePath), target);
      if (target === '' || url.test(target)) continue;
      if (path === 'README.md') link.attrSet('href', href.replace('README.md', 'index.md'));
      else if (isPage(path)) continue;
      else if (repository !== undefined) link.attrSet('href', `${repository}/blob/HEAD/${path}`);
      else for (const token of [link, end]) Object.assign(token, { tag: 'span', attrs: null });
    }
  });
}

/** The start and the end of each link. Links do not contain links. */
function pairLinks(tokens: readonly Token[]): [Token, Token][] {
  const starts = tokens.filter(({ type }) => type === 'link_open');
  const ends = tokens.filter(({ type }) => type === 'link_close');
  return starts.map((start, index) => [start, ends[index] as Token]);
}
