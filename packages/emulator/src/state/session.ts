import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

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
