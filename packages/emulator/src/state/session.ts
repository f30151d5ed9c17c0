import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto';
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

  /** Starts a session. `now` is the time of the emulator's clock, in epoch ms. */
  start(username: string, digest: Uint8Array, now: number): { readonly id: string; readonly session: Session } {
    for (const [key, session] of this.#sessions) if (isOver(session, now)) this.#sessions.delete(key);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    const id = randomSecret();
    const session = new Session(username, digest, now);
    this.#sessions.set(toKey(id), session);
    return { id, session };
  }

  /** Finds the session with this id, and records its use at `now`. */
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

  end(session: Session): void {
    this.#endWhere((candidate) => candidate === session);
  }

  /** Ends every session of this user except `kept`, and returns their number. */
  endOf(username: string, kept?: Session): number {
    return this.#endWhere((session) => session.username === username && session !== kept);
  }

  countOf(username: string, now: number): number {
    return [...this.#sessions.values()].filter((session) => session.username === username && !isOver(session, now))
      .length;
  }

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
  return now - lastSeenAt >= IDLE_MS || now - startedAt >= MAX_AGE_MS;
}
