import { setTimeout as sleep } from 'node:timers/promises';
import { invalid } from '../state/input/invalid.ts';

const POLL_MS = 50;

/** Asks the administration of an emulator in another process. */
export class AdministrationClient {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #closing = new AbortController();

  constructor(base: string, adminToken: string | undefined) {
    this.#base = base;
    this.#headers = {
      'content-type': 'application/json',
      ...(adminToken !== undefined && { authorization: `Bearer ${adminToken}` }),
    };
  }

  /**
   * Asks one thing and returns the answer.
   *
   * @throws Error with the very sentence that the same call would throw in the emulator's own process.
   */
  async ask<Answer extends object>(verb: string, given: object = {}): Promise<Answer> {
    const answer = await this.#send(verb, { method: 'POST', body: JSON.stringify(given) });
    const json = await readJson(answer);
    if (answer.ok && json !== undefined) return json as Answer;
    const { error_description: description } = (json ?? {}) as { error_description?: unknown };
    if (typeof description === 'string') throw new Error(description);
    throw new Error(`${this.#base} answered ${answer.status} and does not look like an emulator; check the URL`);
  }

  /** Waits until the emulator is ready. @throws Error when it is not within `timeoutMs` (real time). */
  async waitUntilReady(timeoutMs: number): Promise<void> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const problem = await this.#findProblem();
      if (problem === undefined) return;
      if (performance.now() + POLL_MS > end) throw new Error(problem);
      await sleep(POLL_MS);
    }
  }

  /** Ends what is being waited for. */
  close(): void {
    this.#closing.abort(new Error('the connection to the emulator was closed'));
  }

  async #findProblem(): Promise<string | undefined> {
    try {
      const answer = await this.#send('ready', { method: 'GET' });
      const json = (await readJson(answer)) ?? {};
      if (answer.ok && 'ready' in json) return undefined;
      const { error_description: description } = json as { error_description?: unknown };
      return typeof description === 'string' ? description : `there is no emulator at ${this.#base}`;
    } catch (error) {
      return (error as Error).message;
    }
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    const { signal } = this.#closing;
    try {
      const request = { ...init, headers: this.#headers, redirect: 'manual', signal } as const;
      return await fetch(`${this.#base}/_emulator/${path}`, request);
    } catch (cause) {
      signal.throwIfAborted();
      const problem = `no emulator answers at ${this.#base}; start one with "instellix-emulator", or check the URL`;
      throw new Error(problem, { cause });
    }
  }
}

/** Reads where an emulator is: the origin of an http URL. */
export function readEmulatorUrl(value: unknown, where: string): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw invalid(where, 'must be the URL of an emulator, such as http://127.0.0.1:4010');
  }
  return url.origin;
}

async function readJson(answer: Response): Promise<object | undefined> {
  try {
    const json: unknown = await answer.json();
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}
