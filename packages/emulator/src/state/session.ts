import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { randomSecret } from './secrets.ts';

/** How many forms of a session are remembered as sent. */
const MOST_FORMS = 1_000;

/** One browser that is signed in. */
export class Session {
  readonly username: string;
  /** The digest of the password or secret with which it was started. */
  readonly digest: Uint8Array;
  /** Epoch ms, by the emulator's clock. */
  readonly startedAt: number;
  /** Epoch ms, by the emulator's clock. */
  lastSeenAt: number;
  /** What the next page says once, after a redirect. */
  notice: string | undefined;
  readonly #formKey = randomBytes(32);
  readonly #sentForms = new Set<string>();

  constructor(username: string, digest: Uint8Array, now: number) {
    this.username = username;
    this.digest = digest;
    this.startedAt = now;
    this.lastSeenAt = now;
  }

  /** A new token for one form: it proves that the form is ours, and that it is sent once. */
  createFormToken(): string {
    const nonce = randomBytes(16).toString('base64url');
    return `${nonce}.${this.#sign(nonce)}`;
  }

  /** Whether a form with this token may be carried out: `forged` and `sent_before` may not. */
  takeFormToken(token: string): 'fresh' | 'forged' | 'sent_before' {
    const [nonce = '', signature = ''] = token.split('.');
    const expected = Buffer.from(this.#sign(nonce));
    const given = Buffer.from(signature);
    if (expected.length !== given.length || !timingSafeEqual(expected, given)) return 'forged';
    if (this.#sentForms.has(nonce)) return 'sent_before';
    this.#sentForms.add(nonce);
    const [oldest] = this.#sentForms;
    if (this.#sentForms.size > MOST_FORMS && oldest !== undefined) this.#sentForms.delete(oldest);
    return 'fresh';
  }

  #sign(nonce: string): string {
    return createHmac('sha256', this.#formKey).update(nonce).digest('base64url');
  }
}

/** Half an hour without a request, or twelve hours in all (OWASP ASVS, session timeouts at level 2). */
const IDLE_MS = 1_800_000;
const LONGEST_MS = 43_200_000;
const MOST_SESSIONS = 1_000;

/** The browsers that are signed in. They are in memory: a restart signs everybody out. */
export class SessionTable {
  // By digest, so that looking one up does not compare the id itself.
  readonly #sessions = new Map<string, Session>();

  /** Starts a session under a new id. `now` is the instant of the emulator's clock, in epoch ms. */
  start(username: string, digest: Uint8Array, now: number): { readonly id: string; readonly session: Session } {
    for (const [key, session] of this.#sessions) if (isOver(session, now)) this.#sessions.delete(key);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= MOST_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    const id = randomSecret();
    const session = new Session(username, digest, now);
    this.#sessions.set(toKey(id), session);
    return { id, session };
  }

  /** The session of this id, which is in use again from `now` on. */
  find(id: string, now: number): Session | undefined {
    const key = toKey(id);
    const session = this.#sessions.get(key);
    if (session === undefined) return undefined;
    if (isOver(session, now)) {
      this.#sessions.delete(key);
      return undefined;
    }
    session.lastSeenAt = now;
    return session;
  }

  /** Ends a session. */
  end(session: Session): void {
    this.#endWhere((candidate) => candidate === session);
  }

  /** Ends every session of this name but `kept`, and tells how many that were. */
  endOf(username: string, kept?: Session): number {
    return this.#endWhere((session) => session.username === username && session !== kept);
  }

  /** How many sessions this name has. */
  countOf(username: string, now: number): number {
    return [...this.#sessions.values()].filter((session) => session.username === username && !isOver(session, now))
      .length;
  }

  /** Ends all sessions. */
  clear(): void {
    this.#sessions.clear();
  }

  #endWhere(matches: (session: Session) => boolean): number {
    let ended = 0;
    for (const [key, session] of this.#sessions) {
      if (!matches(session)) continue;
      this.#sessions.delete(key);
      ended += 1;
    }
    return ended;
  }
}

function toKey(id: string): string {
  return hash('sha256', id, 'base64url');
}

function isOver({ startedAt, lastSeenAt }: Session, now: number): boolean {
  return now - lastSeenAt >= IDLE_MS || now - startedAt >= LONGEST_MS;
}
