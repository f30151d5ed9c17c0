import { globSync, readFileSync } from 'node:fs';
import { listBlocks } from '../markdown.ts';

/** How a test runs a snippet after it is compiled. It stands after ` ```ts `; without one, the snippet is a `script`. */
export type SnippetKind =
  /** Runs twice to its end, one run right after the other, against one emulator with the vendor's 5 s throttle. */
  | 'script'
  /** A `script` with the Redis server that it names, `redis://127.0.0.1:6379`. */
  | 'redis'
  /** A `script` in a network that has only a corporate proxy: see `startCorporateNetwork`. */
  | 'proxy'
  /** A script without our packages: its first run succeeds, its second run fails with the 401 of the throttle. */
  | 'throttled'
  /** A module with a `handler`, which is called again after its process was frozen, and in a second process. */
  | 'function'
  /** A server on PORT: `service=/path` starts, responds to that path, ends on SIGTERM; `service` passes more tests. */
  | 'service'
  /** Is run by a test of its own, or needs what no test has. */
  | 'no-run';

/** One fenced block of TypeScript in a document. */
export interface Snippet {
  readonly file: string;
  /** The line of its first line of code. */
  readonly line: number;
  readonly code: string;
  readonly kind: SnippetKind;
  /** The path after `service=`. */
  readonly path?: string;
}

const documents = ['README.md', 'docs/**/*.md', 'packages/*/README.md', 'apps/*/README.md'];
const kinds: readonly string[] = ['script', 'redis', 'proxy', 'throttled', 'function', 'service', 'no-run'];

/** Finds every snippet of the project's documents. */
export function extractSnippets(root: string): Snippet[] {
  return globSync(documents, { cwd: root, exclude: ['**/node_modules/**'] })
    .sort()
    .flatMap((file) => {
      const text = readFileSync(`${root}/${file}`, 'utf8');
      return listBlocks(text).flatMap(({ info, code, line }) => {
        const [language, marker = 'script', ...rest] = info.split(' ');
        if (language !== 'ts') return [];
        if (rest.length > 0) throw new Error(`${file}:${line}: a snippet has one marker, not ${info}.`);
        const [kind = '', path] = marker.split('=');
        if (!kinds.includes(kind)) throw new Error(`${file}:${line}: unknown marker ${kind}. Use ${kinds.join(', ')}.`);
        return { file, line, code, kind: kind as SnippetKind, ...(path && { path }) };
      });
    });
}
