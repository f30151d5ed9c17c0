import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Cached between processes: stripping the types needs 16 MiB, which must not count as memory of a proxy. */
const compiled = fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url));

/** A script of this folder in its own process. It responds to one message at a time. */
export class Worker<Message, Result> implements AsyncDisposable {
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#process = child;
  }

  /** Starts a script, and returns it with its first message. */
  static async start<Message, Result, Greeting = void>(
    script: string,
    ...parameters: string[]
  ): Promise<{ worker: Worker<Message, Result>; greeting: Greeting }> {
    const child = fork(fileURLToPath(new URL(script, import.meta.url)), parameters, {
      env: { ...process.env, NODE_COMPILE_CACHE: compiled },
    });
    const worker = new Worker<Message, Result>(child);
    return { worker, greeting: (await worker.#message()) as Greeting };
  }

  async ask(message: Message): Promise<Result> {
    this.#process.send(message as object);
    return (await this.#message()) as Result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const exit = once(this.#process, 'exit');
    this.#process.disconnect();
    await exit;
  }

  async #message(): Promise<unknown> {
    const settled = new AbortController();
    const { signal } = settled;
    try {
      const ended = once(this.#process, 'exit', { signal }).then(([code]) => {
        throw new Error(`A process of the benchmark has ended with ${code}.`);
      });
      const [message] = await Promise.race([once(this.#process, 'message', { signal }), ended]);
      return message;
    } finally {
      settled.abort();
    }
  }
}
