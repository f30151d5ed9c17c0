import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { extractSnippets, type Snippet } from './extract-snippets.ts';

export const run = promisify(execFile);
export const root = fileURLToPath(new URL('../../', import.meta.url));
/** The options of Node with which a compiled snippet finds the sources of our packages. */
export const nodeOptions = ['--conditions=@instellix/source', '--import=./tools/decorators/register.ts'];

/** A snippet as a file that Node can run. */
export interface CompiledSnippet extends Snippet {
  readonly title: string;
  readonly file: string;
  readonly script: string;
}

/** Snippets in a folder of their own inside the project, where imports resolve as they do for its packages. */
export class CompiledSnippets implements Disposable {
  readonly snippets: readonly CompiledSnippet[];
  readonly #folder: string;

  constructor(name: string, isWanted: (snippet: Snippet) => boolean = () => true) {
    this.#folder = `${root}tools/snippets/.run-${name}-${process.pid}`;
    this.snippets = extractSnippets(root)
      .filter(isWanted)
      .map((snippet, index) => ({
        ...snippet,
        title: `${snippet.file}:${snippet.line}`,
        script: `${this.#folder}/${index}-${snippet.file.replaceAll(/\W+/g, '-')}-${snippet.line}.js`,
      }));
  }

  /** Writes the files, and compiles each by itself, without a look at what it imports. */
  async compile(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    // A module even when it imports nothing, so that every snippet may await.
    for (const { script, code } of this.snippets) {
      writeFileSync(script.replace(/js$/, 'ts'), `${code}\nexport {};\n`);
    }
    // As applications of NestJS are compiled: no other snippet needs more than Node strips by itself.
    const compilerOptions = { erasableSyntaxOnly: false, rewriteRelativeImportExtensions: true };
    const untyped = '../../../benchmarks/src/subjects/axios-token-interceptor-module.d.ts';
    const config = { extends: '../../../tsconfig.json', compilerOptions, include: ['*.ts', untyped], exclude: [] };
    writeFileSync(`${this.#folder}/tsconfig.json`, JSON.stringify(config));
    await run('tsc', ['--project', this.#folder, '--noEmit', 'false', '--noCheck', '--noResolve'], { cwd: root });
  }

  /** Returns what the compiler reports about their types. */
  async checkTypes(): Promise<string> {
    const { stdout } = await run('tsc', ['--project', this.#folder], { cwd: root }).catch((error) => error);
    return stdout;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
