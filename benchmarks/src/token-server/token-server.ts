import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Credential, TokenRequestCount } from './credential.ts';

/** The options of a {@link TokenServer}. */
export interface TokenServerOptions {
  /** Lifetime of its tokens, seconds. */
  readonly tokenTtlSeconds: number;
  /** The throttle window (F8), milliseconds; 0: no throttle. */
  readonly throttleWindowMs: number;
  /** The minimum duration of a token request, milliseconds; 0: that of loopback. */
  readonly tokenDelayMs: number;
}

/** A request to the emulator's process. */
export interface Call {
  readonly id: number;
  readonly verb: 'createCredential' | 'countTokenRequests';
  readonly clientId?: string;
}

/** Its result; id 0 means that the emulator is ready. */
export type Reply = { readonly id: number } & ({ readonly result: unknown } | { readonly error: string });

/** The vendor's throttle as documented, milliseconds (F8). */
export const vendorThrottleMs = 5_000;

/** An emulator in its own process, on a free port of the loopback interface. */
export class TokenServer implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #lastId = 0;

  private constructor(child: ChildProcess) {
    this.#process = child;
    child.on('message', (reply: Reply) => this.#settle(reply));
    child.on('exit', () => {
      for (const { reject } of this.#pending.values()) reject(new Error('The emulator has ended.'));
      this.#pending.clear();
    });
  }

  static async start(options: TokenServerOptions): Promise<TokenServer> {
    const script = fileURLToPath(new URL('./emulator-process.ts', import.meta.url));
    const server = new TokenServer(fork(script, [JSON.stringify(options)]));
    await server.#wait(0);
    return server;
  }

  /** Creates a credential without token requests, so that it is not throttled. */
  createCredential(): Promise<Credential> {
    return this.#call('createCredential') as Promise<Credential>;
  }

  countTokenRequests(clientId: string): Promise<TokenRequestCount> {
    return this.#call('countTokenRequests', clientId) as Promise<TokenRequestCount>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const exit = once(this.#process, 'exit');
    this.#process.disconnect();
    await exit;
  }

  #call(verb: Call['verb'], clientId?: string): Promise<unknown> {
    const id = ++this.#lastId;
    const call: Call = { id, verb, ...(clientId !== undefined && { clientId }) };
    this.#process.send(call);
    return this.#wait(id);
  }

  #wait(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#pending.set(id, { resolve, reject }));
  }

  #settle(reply: Reply): void {
    const waiting = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ('error' in reply) waiting?.reject(new Error(reply.error));
    else waiting?.resolve(reply.result);
  }
}
