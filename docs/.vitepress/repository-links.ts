import { posix } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';

/**
 * Lets links to files that are no pages, such as sources, lead to the repository. While its address is not set, only
 * their text remains.
 */
export function linkToRepository(
  md: MarkdownRenderer,
  repository: string | undefined,
  isPage: (from: string, target: string) => boolean,
): void {
  md.core.ruler.push('repository-links', ({ tokens, env }) => {
    const from = (env as { relativePath: string }).relativePath;
    for (const { children } of tokens) {
      let link: string | undefined;
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const href = token.attrGet('href') ?? '';
          const [path = ''] = href.split('#');
          const isFile = path !== '' && !/^(?:[a-z][a-z+.-]*:|\/)/i.test(path);
          link = isFile && !isPage(from, path) ? posix.join(posix.dirname(from), path) : undefined;
          if (link === undefined) continue;
          if (repository === undefined) Object.assign(token, { tag: 'span', attrs: null });
          else token.attrSet('href', `${repository}/blob/HEAD/${link}`);
        } else if (token.type === 'link_close' && link !== undefined && repository === undefined) {
          token.tag = 'span';
        }
      }
    }
  });
}
