import type { Clock } from '../clock/clock.ts';
import { addMs, msUntil, readTimestamp, type Timestamp } from '../clock/timestamp.ts';
import { withTimeout } from '../clock/with-timeout.ts';
import { createRedactor } from '../secret/redactor.ts';
import { describeReason, sanitizeError } from '../secret/sanitize-error.ts';
import type { TokenEventEmitter } from '../token/token-event-emitter.ts';
import { maxClaimMs } from './claim-record.ts';
import { type CredentialIdentity, createTokenCipher, type TokenCipher, type TokenContent } from './token-cipher.ts';
import type { ClaimRequest, StoredToken, TokenStore } from './token-store.ts';

/** A token from the store, decrypted. */
export interface SharedToken extends TokenContent {
  /** Counted from before the operation: a slow store must not lengthen the token's life. */
  readonly expiresAt: Timestamp;
  readonly fence: number;
}

/** The outcome of a claim. Without a fence, the store has failed and the claimant works on its own. */
export type SharedClaimResult =
  | { readonly outcome: 'granted'; readonly fence: number | undefined }
  /** Without a token, the one in the store cannot be decrypted. */
  | { readonly outcome: 'found'; readonly fence: number; readonly token: SharedToken | undefined }
  | { readonly outcome: 'wait'; readonly waitMs: number; readonly because: 'closed' | 'held' };

/** The cipher of the current secret. When it is undefined, nothing is shared. */
interface CipherInUse {
  readonly secret: string;
  readonly cipher: TokenCipher | undefined;
}

/** Longer than the ciphertext of any token, of which core accepts at most 8 KiB. */
const maxCiphertextLength = 65_536;
/** The longest that a store operation may take before it counts as failed, in milliseconds. */
const timeoutMs = 250;

/**
 * One credential's tokens in a store, encrypted. An operation that fails, takes too long or returns something invalid is reported as
 * `store_failed` and has no result.
 *
 * The timeout uses two timers, one after the other. When the event loop is blocked for longer than a timer, the timer and the store's
 * response are due at the same moment, and Node runs timers first. After the first of two timers, the event loop processes the response
 * before the second timer fires, so that a blocked event loop does not count as a failure of the store.
 */
export class EncryptedTokenStore {
  readonly #store: TokenStore;
  readonly #clock: Clock;
  readonly #identity: CredentialIdentity;
  readonly #events: TokenEventEmitter;
  readonly #createCipher: typeof createTokenCipher;
  #current: CipherInUse = { secret: '', cipher: undefined };
  #pendingWrites: Promise<void> = Promise.resolve();

  constructor(
    store: TokenStore,
    clock: Clock,
    identity: CredentialIdentity,
    events: TokenEventEmitter,
    createCipher: typeof createTokenCipher = createTokenCipher,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#identity = identity;
    this.#events = events;
    this.#createCipher = createCipher;
  }

  /** Sets the secret for the operations that follow. Cheap when it has not changed. */
  async useSecret(secret: string): Promise<void> {
    if (this.#current.secret === secret) return;
    try {
      this.#current = { secret, cipher: await this.#createCipher(this.#identity, secret) };
    } catch (error) {
      // Without WebCrypto, as on a page that is not a secure context, nothing can be shared; everything else works.
      this.#current = { secret, cipher: undefined };
      this.#reportFailure('encrypt', error, secret);
    }
  }

  read(): Promise<SharedToken | undefined> {
    return this.#run('read', this.#current, async (store, cipher) => {
      await this.#pendingWrites;
      const askedAt = readTimestamp(this.#clock);
      const stored = await store.read(cipher.key);
      return stored ? decryptToken(cipher, stored, askedAt) : undefined;
    });
  }

  async claim(request: ClaimRequest): Promise<SharedClaimResult> {
    const result = await this.#run(
      'claim',
      this.#current,
      (store, cipher) => this.#claim(store, cipher, request),
      // The claimant has gone on without the store: end the claim, so that no other process waits for the end of its lease.
      (late) => late.outcome === 'granted' && this.release(late.fence, true),
    );
    return result ?? { outcome: 'granted', fence: undefined };
  }

  commit(fence: number | undefined, content: TokenContent, expiresAt: Timestamp): void {
    if (fence === undefined) return;
    this.#write('commit', async (store, cipher) => {
      const ciphertext = await cipher.encrypt(content);
      const remainingMs = Math.max(0, msUntil(expiresAt, readTimestamp(this.#clock)));
      await store.commit(cipher.key, { ciphertext, remainingMs, fence });
    });
  }

  release(fence: number | undefined, requestSent: boolean): void {
    if (fence === undefined) return;
    this.#write('release', (store, { key }) => store.release(key, fence, requestSent));
  }

  remove(fence: number | undefined): void {
    if (fence === undefined) return;
    this.#write('remove', (store, { key }) => store.remove(key, fence));
  }

  /** Resolves when all writes have reached the store or have failed. */
  async flush(): Promise<void> {
    await this.#pendingWrites;
  }

  /** Writes happen in the background, one after the other: a token must not be removed before it has been written. */
  #write(operation: string, work: (store: TokenStore, cipher: TokenCipher) => Promise<void>): void {
    const current = this.#current;
    this.#pendingWrites = this.#pendingWrites.then(() => this.#run(operation, current, work));
  }

  async #claim(store: TokenStore, cipher: TokenCipher, request: ClaimRequest): Promise<SharedClaimResult> {
    await this.#pendingWrites;
    const askedAt = readTimestamp(this.#clock);
    const result = await store.claim(cipher.key, request);
    switch (result.outcome) {
      case 'granted':
        return result;
      case 'found':
        return {
          outcome: 'found',
          fence: result.token.fence,
          token: await decryptToken(cipher, result.token, askedAt),
        };
      case 'wait':
        // No client may ask for a longer interval or lease, so the store was tampered with, or its clock was set back.
        if (result.waitMs <= maxClaimMs) return result;
        throw new RangeError(`The store reported a wait of ${result.waitMs} ms.`);
      default:
        throw new TypeError('The store returned no claim result.');
    }
  }

  /** Runs an operation of the store; undefined when it has failed. A result that comes after the timeout goes to `onLate`. */
  async #run<T>(
    operation: string,
    { cipher, secret }: CipherInUse,
    work: (store: TokenStore, cipher: TokenCipher) => Promise<T>,
    onLate?: (result: T) => unknown,
  ): Promise<T | undefined> {
    if (!cipher) return undefined;
    let isOver = false;
    const settle = async () => {
      try {
        const result = await work(this.#store, cipher);
        if (isOver) onLate?.(result);
        return result;
      } catch (error) {
        if (!isOver) this.#reportFailure(operation, error, secret);
        return undefined;
      }
    };
    const onTimeout = () => {
      isOver = true;
      const reason = `no response within ${timeoutMs} ms`;
      this.#events.emit({ type: 'store_failed', operation, reason, timedOut: true });
      return undefined;
    };
    const sleepInHalves = async (ms: number, signal?: AbortSignal) => {
      await this.#clock.sleep(ms / 2, signal);
      await this.#clock.sleep(ms / 2, signal);
    };
    return withTimeout({ sleep: sleepInHalves }, timeoutMs, settle, onTimeout);
  }

  #reportFailure(operation: string, error: unknown, secret: string): void {
    const reason = describeReason(sanitizeError(error, createRedactor([secret])));
    this.#events.emit({ type: 'store_failed', operation, reason, timedOut: false });
  }
}

/** Undefined when it was encrypted by another version or is garbage, and when its remaining lifetime is not above 0. */
async function decryptToken(
  cipher: TokenCipher,
  { ciphertext, remainingMs, fence }: StoredToken,
  askedAt: Timestamp,
): Promise<SharedToken | undefined> {
  const isUsable = remainingMs > 0 && ciphertext.length <= maxCiphertextLength;
  const content = isUsable ? await cipher.decrypt(ciphertext) : undefined;
  // A store must not make a token live longer than the endpoint has granted.
  return content && { ...content, fence, expiresAt: addMs(askedAt, Math.min(remainingMs, content.lifetimeMs)) };
}
