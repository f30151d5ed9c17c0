/** A fenced block of a document. */
export interface FencedBlock {
  /** What stands after the fence, such as `js recipe=vitest file=app.js`. */
  readonly info: string;
  /** The attributes of the info string, such as `recipe` and `file`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly code: string;
  /** The line of its first line of code. */
  readonly line: number;
}

const fencedBlock = /^```(.*)\n([\s\S]*?)^```$/gm;
/** A link or an image whose target is no URL. */
const relativeLink = /(!\[[^\]]*)?\]\((?![a-z][a-z+.-]*:|\/\/)([^)\s]+)\)/g;

/** Lists the fenced blocks of a document. */
export function listBlocks(text: string): FencedBlock[] {
  return [...text.matchAll(fencedBlock)].map(({ index, 1: info = '', 2: code = '' }) => ({
    info,
    attributes: Object.fromEntries([...info.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value])),
    code,
    line: text.slice(0, index).split('\n').length + 1,
  }));
}

/** Finds the fenced blocks whose info string is `info`, or matches it. @throws Error when there is none */
export function findBlocks(text: string, info: string | RegExp): [FencedBlock, ...FencedBlock[]] {
  const isWanted = (block: FencedBlock) => (typeof info === 'string' ? block.info === info : info.test(block.info));
  const [first, ...others] = listBlocks(text).filter(isWanted);
  if (first === undefined)
    throw new Error(`There is no block of ${info}. The document starts with: ${text.slice(0, 80)}`);
  return [first, ...others];
}

/** Removes the fenced blocks. */
export function stripFences(text: string): string {
  return text.replaceAll(fencedBlock, '');
}

/** Lists the targets of links and images that are no URLs, outside of fenced blocks. */
export function findRelativeLinks(text: string): string[] {
  return [...stripFences(text).matchAll(relativeLink)].map(([, , target = '']) => target);
}

/** Rewrites the targets that {@link findRelativeLinks} lists. */
export function rewriteRelativeLinks(text: string, rewrite: (target: string, isImage: boolean) => string): string {
  const parts = text.split(/^(```[\s\S]*?^```$)/m);
  return parts
    .map((part) =>
      part.startsWith('```')
        ? part
        : part.replaceAll(relativeLink, (_, image = '', target) => `${image}](${rewrite(target, image !== '')})`),
    )
    .join('');
}

/** The anchor that GitHub gives to a heading. */
export function toAnchor(heading: string): string {
  const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1');
  const kept = plain.trim().toLowerCase();
  return kept.replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(/\s/g, '-');
}
