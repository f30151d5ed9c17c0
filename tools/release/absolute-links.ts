import { posix } from 'node:path';

const fencedBlock = /^(```[\s\S]*?^```$)/m;
/** The target of a link or an image that is neither a URL nor a heading of the same page. */
const relativeTarget = /(!?)(\[[^\]]*\])\((?![a-z][a-z+.-]*:|#|\/\/)([^)\s]+)\)/g;

/**
 * Rewrites the relative links of a document into links to the repository, so that they work outside of it.
 *
 * @param directory where the document is, relative to the root of the repository
 */
export function toAbsoluteLinks(markdown: string, directory: string, repository: string): string {
  return markdown
    .split(fencedBlock)
    .map((part) => (part.startsWith('```') ? part : rewrite(part, directory, repository)))
    .join('');
}

function rewrite(markdown: string, directory: string, repository: string): string {
  return markdown.replace(relativeTarget, (_, image: string, label: string, target: string) => {
    // `raw` is the image itself; `blob` is a page about it. A folder is redirected from `blob` to `tree`.
    const kind = image === '' ? 'blob' : 'raw';
    return `${image}${label}(${repository}/${kind}/HEAD/${posix.join(directory, target)})`;
  });
}

/** Lists the relative links that are left in a document. */
export function findRelativeLinks(markdown: string): string[] {
  return markdown
    .split(fencedBlock)
    .filter((part) => !part.startsWith('```'))
    .flatMap((part) => [...part.matchAll(relativeTarget)].map(([, , , target = '']) => target));
}
