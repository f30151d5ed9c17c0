import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** How a service of a document is started. */
export interface ServiceOptions {
  /** The arguments of Node: its options, and the file. */
  readonly args: readonly string[];
  /** The folder in which it runs. */
  readonly folder: string;
  /** Its variables, beside `PORT`. */
  readonly env: Record<string, string>;
  /** A path that it responds to once it listens. */
  readonly readyPath: string;
}

/** Starts a service as its reader would, in a process of its own, and waits until it listens. Disposing of it kills it. */
export async function startService({ args, folder, env, readyPath }: ServiceOptions) {
  const port = await findFreePort();
  const child = spawn(process.execPath, ['--conditions=@instellix/source', ...args], {
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
  const read = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    const [type] = response.headers.get('content-type')?.split(';') ?? [];
    return { status: response.status, type, body: await response.text() };
  };
  while ((await read(readyPath).catch(() => undefined)) === undefined) {
    if (child.exitCode !== null) throw new Error(`The service has ended: ${output}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    read,
    /** What it has written to stdout and stderr. */
    output: () => output,
    /** Ends it as an operator does. Returns its exit status, or the signal that has ended it. */
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

/** Finds a port that is free now, for a program that cannot report the port that it has chosen. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
