import { posix } from 'node:path';
import { rewriteRelativeLinks } from '../markdown.ts';

/**
 * Rewrites the relative links of a document into links to the repository, so that they work outside of it. Links to its own
 * headings stay as they are.
 *
 * @param directory where the document is, relative to the root of the repository
 */
export function toAbsoluteLinks(markdown: string, directory: string, repository: string): string {
  return rewriteRelativeLinks(markdown, (target, isImage) => {
    if (target.startsWith('#')) return target;
    // `raw` is the image itself; `blob` is a page about it. A folder is redirected from `blob` to `tree`.
    return `${repository}/${isImage ? 'raw' : 'blob'}/HEAD/${posix.join(directory, target)}`;
  });
}
