import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A sample service in a process of its own; ended by SIGTERM. */
export interface Service extends AsyncDisposable {
  readonly url: string;
}

/** Starts a service as its operator does, and waits until it says where it listens. @throws Error with all that it printed when it ends instead */
export async function startService(script: string, variables: Readonly<Record<string, string>>): Promise<Service> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path], { env: { ...process.env, PORT: '0', ...variables } });
  const ended = once(child, 'close');
  let printed = '';
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        const [, found] = /(http:\/\/[\w.:[\]-]+)/.exec(printed) ?? [];
        if (found) resolve(found);
      });
    }
    ended.then(() => reject(new Error(printed)), reject);
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
