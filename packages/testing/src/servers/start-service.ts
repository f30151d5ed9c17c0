import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findFreePort } from './find-free-port.ts';

/** How a service is started. */
export interface ServiceOptions {
  /** The arguments of Node: its options, and the file. */
  readonly args: readonly string[];
  /** The folder in which it runs. @default the current one */
  readonly folder?: string;
  /** Its variables, beside `PATH`, `NO_COLOR` and `PORT`. */
  readonly env: Readonly<Record<string, string>>;
  /** A path that it responds to once it listens. */
  readonly readyPath: string;
}

/** A service in a process of its own. Disposing of it kills it. */
export interface Service extends AsyncDisposable {
  readonly url: string;
  /** Sends a request, and reads the response. */
  readonly read: (path: string, init?: RequestInit) => Promise<ServiceResponse>;
  /** What it has written to stdout and stderr. */
  readonly output: () => string;
  /** Sends SIGTERM, as a platform does. Returns the exit status, or the signal that has ended it. */
  readonly stop: () => Promise<number | string | null>;
}

interface ServiceResponse {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
}

/** Starts a service as its operator would, and waits until it listens. @throws Error with all that it has written when it ends instead */
export async function startService({ args, folder, env, readyPath }: ServiceOptions): Promise<Service> {
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env, PORT: String(port) },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const exited = once(child, 'exit') as Promise<[code: number | null, signal: string | null]>;
  const read = async (path: string, init?: RequestInit): Promise<ServiceResponse> => {
    const response = await fetch(url + path, init);
    const [type] = response.headers.get('content-type')?.split(';') ?? [];
    return { status: response.status, type, body: await response.text() };
  };
  const isReady = () =>
    read(readyPath).then(
      () => true,
      () => false,
    );
  for (;;) {
    const ready = await isReady();
    // Checked after the response, which may be one of another process that has taken the port.
    if ((child.exitCode ?? child.signalCode) !== null) throw new Error(`The service has ended: ${output}`);
    if (ready) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    url,
    read,
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      const [code, signal] = await exited;
      return signal ?? code;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
