import { globSync, readFileSync } from 'node:fs';

/** One fenced block of TypeScript in a document. */
export interface Snippet {
  readonly file: string;
  /** The line of its first line of code. */
  readonly line: number;
  readonly code: string;
  /**
   * What a test does with it after it is compiled: `script` runs it to its end; `service`, for ` ```ts service `, starts it, sends it
   * requests and SIGTERM; `none`, for ` ```ts no-run `, needs what no test has (production, another process, a framework).
   */
  readonly kind: 'script' | 'service' | 'none';
}

const documents = ['README.md', 'docs/**/*.md', 'packages/*/README.md', 'apps/*/README.md'];
const fence = /^```ts(?: (no-run|service))?\n([\s\S]*?)^```$/gm;

/** Finds every snippet of the project's documents. */
export function extractSnippets(root: string): Snippet[] {
  return globSync(documents, { cwd: root, exclude: ['**/node_modules/**'] })
    .sort()
    .flatMap((file) => {
      const text = readFileSync(`${root}/${file}`, 'utf8');
      return [...text.matchAll(fence)].map(({ index, 1: info, 2: code = '' }) => ({
        file,
        line: text.slice(0, index).split('\n').length + 1,
        code,
        kind: info === 'service' ? info : info ? 'none' : 'script',
      }));
    });
}
