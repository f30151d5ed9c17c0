import { setTimeout as sleep } from 'node:timers/promises';
import { checkArguments, type Operation, pathOf } from '../controls/operation.ts';
import { isObject } from '../state/schemas.ts';
import { invalid } from '../state/validate.ts';

const POLL_MS = 50;

/** Controls an emulator in another process. */
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

  /** Runs an operation. @throws Error with the same message as in the emulator's own process. */
  async run(operation: Operation, given: object): Promise<object> {
    return this.#send(pathOf(operation), { method: 'POST', body: JSON.stringify(checkArguments(operation, given)) });
  }

  /** Waits until the emulator is ready. @throws Error when it is not ready after `timeoutMs` (real time). */
  async waitUntilReady(timeoutMs: number): Promise<void> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      try {
        const json = await this.#send('/_emulator/ready', { method: 'GET' });
        if ('ready' in json) return;
        throw new Error(`the server at ${this.#base} is not an emulator; check the URL`);
      } catch (error) {
        if (performance.now() + POLL_MS > end) throw error;
      }
      await sleep(POLL_MS);
    }
  }

  /** Aborts all requests in progress. */
  close(): void {
    this.#closing.abort(new Error('the connection to the emulator is closed'));
  }

  async #send(path: string, init: RequestInit): Promise<object> {
    const { signal } = this.#closing;
    const request = { ...init, headers: this.#headers, redirect: 'manual', signal } as const;
    const response = await fetch(`${this.#base}${path}`, request).catch((cause: unknown) => {
      signal.throwIfAborted();
      const problem = `no server responds at ${this.#base}; start the emulator (npx instellix-emulator), or check the URL`;
      throw new Error(problem, { cause });
    });
    const json: unknown = await response.json().catch(() => undefined);
    if (response.ok && isObject(json)) return json;
    const { error_description: description } = (json ?? {}) as { error_description?: unknown };
    if (typeof description === 'string') throw new Error(description);
    throw new Error(`the server at ${this.#base} is not an emulator (it returned ${response.status}); check the URL`);
  }
}

/** Returns the origin of the URL of an emulator. @throws InvalidInput */
export function readEmulatorUrl(value: unknown, where: string): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    const problem = 'must be the URL of an emulator, such as http://127.0.0.1:4010, without a user name and password';
    throw invalid(where, problem);
  }
  return url.origin;
}
