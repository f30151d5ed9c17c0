import { EventEmitter, once } from 'node:events';

/** All reasons, one for each cause that a client cannot distinguish. */
export const REASONS = [
  'issued',
  'ok',
  'created',
  'throttled',
  'no_credentials',
  'unknown_client',
  'wrong_secret',
  'secret_expired',
  'credential_inactive',
  'credential_revoked',
  'unknown_realm',
  'wrong_realm',
  'portal_credential',
  'invalid_request',
  'unsupported_grant_type',
  'invalid_scope',
  'method_not_allowed',
  'no_token',
  'malformed_token',
  'unknown_token',
  'token_expired',
  'token_revoked',
  'insufficient_scope',
  'no_route',
  'fault',
] as const;

/** The reason for a response. `docs/emulator.md` lists the meaning of each. */
export type Reason = (typeof REASONS)[number];

/** An entry of the request log. It never contains a token, a secret, a query or a body. */
export interface RequestEntry {
  /** The time of the request by the emulator's clock, in epoch ms. */
  readonly at: number;
  /** `token`, or method and path such as `GET /customers`. */
  readonly endpoint: string;
  readonly method: string;
  /** The status of the response; 0 when a fault sent none. */
  readonly status: number;
  readonly reason: Reason;
  /** The realm in the path of a token request, or the realm of the bearer token; left out when it does not exist. */
  readonly realm?: string;
  /** The client of a token request, or the client of the bearer token; left out when it does not exist. */
  readonly clientId?: string;
}

/** How many entries are kept. */
export const REQUEST_LOG_CAPACITY = 100_000;

type Matches = (entry: RequestEntry) => boolean;

/** Too few requests matched in time. */
export class RequestsMissing extends Error {}

/** The last requests, in the order in which they were handled. */
export class RequestLog {
  readonly #capacity: number;
  /** Emits `change` when an entry is added and when the log is closed. */
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #entries: RequestEntry[] = [];
  /** How many entries were ever added. `clear()` does not reset it, so that `follow()` returns no entry twice. */
  #total = 0;
  #isClosed = false;

  constructor(capacity = REQUEST_LOG_CAPACITY) {
    this.#capacity = capacity;
  }

  get total(): number {
    return this.#total;
  }

  add(entry: RequestEntry): void {
    this.#entries.push(Object.freeze(entry));
    this.#total += 1;
    // In batches: removing one entry per request would copy the whole list each time.
    if (this.#entries.length > this.#capacity * 1.25) this.#entries = this.#entries.slice(-this.#capacity);
    this.#changes.emit('change');
  }

  list(matches: Matches): RequestEntry[] {
    return this.#entries.slice(-this.#capacity).filter(matches);
  }

  /** The kept entries after the first `after` of all entries. */
  listAfter(after: number): RequestEntry[] {
    const wanted = Math.min(this.#entries.length, this.#capacity, this.#total - after);
    return wanted > 0 ? this.#entries.slice(-wanted) : [];
  }

  /** Resolves with all matching entries as soon as there are at least `count` of them. Earlier entries count as well. */
  async waitFor(matches: Matches, count: number, timeoutMs: number): Promise<RequestEntry[]> {
    const timeout = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const found = this.list(matches);
      if (found.length >= count) return found;
      const known = `${found.length} of ${count} matching requests`;
      if (this.#isClosed) throw new Error(`requests.waitFor: the emulator was closed after ${known}`);
      if (timeout.aborted) {
        throw new RequestsMissing(`requests.waitFor: only ${known} arrived within ${timeoutMs} ms`);
      }
      await this.#nextChange(timeout);
    }
  }

  /** Resolves at the next entry, or after `timeoutMs` real milliseconds. */
  async waitForNext(timeoutMs: number): Promise<void> {
    if (!this.#isClosed) await this.#nextChange(AbortSignal.timeout(timeoutMs));
    if (this.#isClosed) throw new Error('requests.follow: the emulator was closed');
  }

  /** Removes all entries. Calls of `waitFor` in progress wait for new ones. */
  clear(): void {
    this.#entries = [];
  }

  /** Rejects the calls of `waitFor` and `waitForNext`, now and later. */
  close(): void {
    this.#isClosed = true;
    this.#changes.emit('change');
  }

  async #nextChange(timeout: AbortSignal): Promise<void> {
    await once(this.#changes, 'change', { signal: timeout }).catch(() => {});
  }
}
