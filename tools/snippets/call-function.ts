import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeOptions, root } from './compiled-snippets.ts';

/** Calls the `handler` once for each line of stdin, as a runtime of functions does, and prints what it returns. */
const runtime = (script: string) => `
  import { createInterface } from 'node:readline';
  const { handler } = await import(${JSON.stringify(script)});
  for await (const line of createInterface(process.stdin)) console.log(JSON.stringify(await handler({})));
`;

/** Starts an instance of the function in a process of its own. */
function startInstance(script: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [...nodeOptions, '--input-type=module', '--eval', runtime(script)], {
    cwd: root,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async call() {
      child.stdin.write('\n');
      const { value, done } = await lines.next();
      assert(!done, 'The function has ended.');
      return JSON.parse(value) as { statusCode?: number };
    },
    async freeze(ms: number) {
      child.kill('SIGSTOP');
      await sleep(ms);
      child.kill('SIGCONT');
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Calls a function that is frozen between two calls for longer than its token lives, and a second instance of it. */
export async function callFunction(script: string, env: Record<string, string>): Promise<void> {
  await using first = startInstance(script, env);
  assert.equal((await first.call()).statusCode, 200);
  await first.freeze(4_000);
  assert.equal((await first.call()).statusCode, 200);
  await using second = startInstance(script, env);
  assert.equal((await second.call()).statusCode, 200);
}
