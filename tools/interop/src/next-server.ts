import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireFreshBuild } from '../../../benchmarks/src/require-fresh-build.ts';

const appFolder = fileURLToPath(new URL('../next-app', import.meta.url));
const coreFolder = fileURLToPath(new URL('../../../packages/core', import.meta.url));
const nextCommand = createRequire(import.meta.url).resolve('next/dist/bin/next');

/** How Next.js runs the app: `next dev`, or `next build` followed by `next start`. */
export type NextMode = 'development' | 'production';

/** The app in `next-app`, served by Next.js in a process of its own on a free port of the loopback interface. */
export class NextServer implements AsyncDisposable {
  /** The origin of the server, without a trailing slash. */
  readonly url: string;
  readonly #process: NextProcess;
  readonly #distDir: string;

  private constructor(url: string, process: NextProcess, distDir: string) {
    this.url = url;
    this.#process = process;
    this.#distDir = distDir;
  }

  /**
   * Starts the app and waits until it listens.
   *
   * @param env the variables that the app reads
   * @throws Error with the output of Next.js when the build fails or the server does not start
   * @throws Error when `packages/core/dist` is missing or out of date
   */
  static async start(mode: NextMode, env: Readonly<Record<string, string>>): Promise<NextServer> {
    await requireBuiltCore();
    // Next.js rejects a folder outside the app. Two runs at the same time need two folders.
    const distDir = `.next-${mode}-${process.pid}`;
    const appEnv = { ...env, NEXT_APP_DIST_DIR: distDir };
    let server: NextProcess | undefined;
    try {
      if (mode === 'production') await new NextProcess(['build'], appEnv).waitForSuccess();
      const command = mode === 'production' ? 'start' : 'dev';
      server = new NextProcess([command, '--hostname', '127.0.0.1', '--port', '0'], appEnv);
      return new NextServer(await server.waitForUrl(), server, distDir);
    } catch (error) {
      await server?.end();
      await removeOutput(distDir);
      throw error;
    }
  }

  /** Everything that Next.js has printed. */
  get output(): string {
    return this.#process.output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.end();
    await removeOutput(this.#distDir);
  }
}

class NextProcess {
  output = '';
  readonly #child: ChildProcess;
  readonly #exit: Promise<unknown>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    const { PATH = '', HOME = '' } = process.env;
    this.#child = spawn(process.execPath, [nextCommand, ...args], {
      cwd: appFolder,
      // Only these: Vitest sets NODE_ENV to `test`. In CI, Next.js does not query the registry for newer versions.
      env: { PATH, HOME, CI: '1', NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that `end` also ends the workers that Next.js starts.
      detached: true,
    });
    this.#exit = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
  }

  async waitForSuccess(): Promise<void> {
    await this.#exit;
    if (this.#child.exitCode !== 0)
      throw new Error(`next failed with exit code ${this.#child.exitCode}:\n${this.output}`);
  }

  /** Waits for the address that Next.js prints. */
  async waitForUrl(): Promise<string> {
    const ended = this.#exit.then(() => {
      throw new Error(`next ended before it listened:\n${this.output}`);
    });
    for (;;) {
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(this.output)?.[0];
      if (url !== undefined && this.output.includes('Ready')) return url;
      await Promise.race([once(this.#child.stdout as NodeJS.ReadableStream, 'data'), ended]);
    }
  }

  async end(): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined) return;
    // A negative id means the process group. Next.js writes nothing that it has to complete: SIGKILL is enough.
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await this.#exit;
  }
}

/** Next.js does not know the condition `@instellix/source`. Therefore the app imports `packages/core/dist`. */
async function requireBuiltCore(): Promise<void> {
  try {
    await requireFreshBuild(coreFolder);
  } catch (cause) {
    const remedy = 'Run `npx --yes pnpm@12.21.0 run build` first. `npm test` builds before it tests.';
    throw new Error(`The Next.js app needs an up-to-date packages/core/dist. ${remedy}`, { cause });
  }
}

function removeOutput(distDir: string): Promise<void> {
  // A worker that is being killed can still write a file while the folder is deleted.
  return rm(join(appFolder, distDir), { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
