import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { EmulatorClock } from './emulator-clock.ts';
import { randomSecret } from './secrets.ts';

/** How many submitted forms a session remembers. */
const MAX_FORMS = 1_000;

/** A signed-in browser. */
export class Session {
  readonly username: string;
  /** The digest of the password or secret of the sign-in. */
  readonly digest: Uint8Array;
  /** Epoch ms, by the emulator's clock. */
  readonly startedAt: number;
  /** Epoch ms, by the emulator's clock. */
  lastSeenAt: number;
  /** A message for the next page. */
  notice: string | undefined;
  readonly #formKey = randomBytes(32);
  readonly #sentForms = new Set<string>();

  constructor(username: string, digest: Uint8Array, now: number) {
    this.username = username;
    this.digest = digest;
    this.startedAt = now;
    this.lastSeenAt = now;
  }

  /** Creates the token of a form, which prevents forged and repeated submissions. */
  createFormToken(): string {
    const nonce = randomBytes(16).toString('base64url');
    return `${nonce}.${this.#sign(nonce)}`;
  }

  /** Checks the token of a submitted form, and marks it as sent. */
  takeFormToken(token: string): 'fresh' | 'forged' | 'sent_before' {
    const [nonce = '', signature = ''] = token.split('.');
    const expected = Buffer.from(this.#sign(nonce));
    const given = Buffer.from(signature);
    if (expected.length !== given.length || !timingSafeEqual(expected, given)) return 'forged';
    if (this.#sentForms.has(nonce)) return 'sent_before';
    this.#sentForms.add(nonce);
    const [oldest] = this.#sentForms;
    if (this.#sentForms.size > MAX_FORMS && oldest !== undefined) this.#sentForms.delete(oldest);
    return 'fresh';
  }

  #sign(nonce: string): string {
    return createHmac('sha256', this.#formKey).update(nonce).digest('base64url');
  }
}

/** A session ends 30 minutes after its last request, or 12 hours after the sign-in (OWASP ASVS, level 2). */
const IDLE_MS = 1_800_000;
const MAX_AGE_MS = 43_200_000;
const MAX_SESSIONS = 1_000;

/** The sessions of the portal. They are in memory, so that a restart ends them. */
export class SessionTable {
  // Keyed by digest, so that the time of a lookup reveals nothing about an id.
  readonly #sessions = new Map<string, Session>();
  readonly #clock: Pick<EmulatorClock, 'now'>;

  constructor(clock: Pick<EmulatorClock, 'now'>) {
    this.#clock = clock;
  }

  /** Starts a session and returns its id. `digest` is that of the password or secret. */
  start(username: string, digest: Uint8Array): string {
    this.#removeExpired();
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    const id = randomSecret();
    this.#sessions.set(toKey(id), new Session(username, digest, this.#clock.now()));
    return id;
  }

  /** Finds the session with this id, and records its use. */
  find(id: string): Session | undefined {
    this.#removeExpired();
    const session = this.#sessions.get(toKey(id));
    if (session !== undefined) session.lastSeenAt = this.#clock.now();
    return session;
  }

  end(session: Session): void {
    this.endWhere((candidate) => candidate === session);
  }

  countOf(username: string): number {
    this.#removeExpired();
    return [...this.#sessions.values()].filter((session) => session.username === username).length;
  }

  /** Ends every matching session, and returns their number. */
  endWhere(matches: (session: Session) => boolean): number {
    const ended = [...this.#sessions].filter(([, session]) => matches(session));
    for (const [key] of ended) this.#sessions.delete(key);
    return ended.length;
  }

  clear(): void {
    this.#sessions.clear();
  }

  #removeExpired(): void {
    const now = this.#clock.now();
    this.endWhere(({ lastSeenAt, startedAt }) => now - lastSeenAt >= IDLE_MS || now - startedAt >= MAX_AGE_MS);
  }
}

/** After five wrong passwords for a name, each further attempt has to wait for a minute. */
const FREE_FAILURES = 5;
const WAIT_MS = 60_000;
const MAX_NAMES = 10_000;

/** Slows down guessing of passwords. */
export class SignInDelay {
  // Keyed by digest, because a user may have typed the password into the field of the name.
  readonly #failures = new Map<string, { readonly count: number; readonly lastAt: number }>();
  readonly #clock: Pick<EmulatorClock, 'now'>;

  constructor(clock: Pick<EmulatorClock, 'now'>) {
    this.#clock = clock;
  }

  /** How many ms of the emulator's clock the next attempt has to wait; 0: none. */
  waitFor(username: string): number {
    const { count = 0, lastAt = 0 } = this.#failures.get(toKey(username)) ?? {};
    return count < FREE_FAILURES ? 0 : Math.max(0, lastAt + WAIT_MS - this.#clock.now());
  }

  fail(username: string): void {
    const key = toKey(username);
    const { count = 0 } = this.#failures.get(key) ?? {};
    this.#failures.delete(key);
    this.#failures.set(key, { count: count + 1, lastAt: this.#clock.now() });
    const [oldest] = this.#failures.keys();
    if (this.#failures.size > MAX_NAMES && oldest !== undefined) this.#failures.delete(oldest);
  }

  succeed(username: string): void {
    this.#failures.delete(toKey(username));
  }

  clear(): void {
    this.#failures.clear();
  }
}

function toKey(id: string): string {
  return hash('sha256', id, 'base64url');
}
