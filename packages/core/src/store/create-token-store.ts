import type { Clock } from '../clock/clock.ts';
import { addMs, msUntil, readTimestamp, type Timestamp } from '../clock/timestamp.ts';
import { type ClaimRecord, parseClaimRecord } from './claim-record.ts';
import type { ClaimRequest, ClaimResult, StoredToken, StoreKey, TokenStore } from './token-store.ts';

/** What an operation returns, and the record that it leaves; without one, nothing changes. */
export interface Decision<T> {
  readonly result: T;
  readonly record?: ClaimRecord;
}

/**
 * Loads the record of a gate (undefined when there is none), passes it to `decide`, and saves the record that `decide` returns, if
 * any. When another writer has saved in the meantime, loads and decides again. Resolves with the result of the saved decision.
 */
export type UpdateRecord = <T>(gate: string, decide: (content: unknown) => Decision<T>) => Promise<T>;

/**
 * Creates a store over records that can be loaded and saved, such as a map, a file or a row of a database.
 *
 * The rules of a claim are in here, once; `update` only loads and saves. `clock` must be the same for all processes that share the
 * records.
 */
export function createTokenStore(clock: Pick<Clock, 'now' | 'monotonic'>, update: UpdateRecord): TokenStore {
  const apply = <T>({ gate }: StoreKey, decide: (record: ClaimRecord, now: Timestamp) => Decision<T>) =>
    update(gate, (content) => {
      const now = readTimestamp(clock);
      return decide(parseClaimRecord(content, now), now);
    });
  return {
    read: (key) => apply(key, (record, now) => ({ result: findToken(record, key, now) })),
    claim: (key, request) => apply(key, (record, now) => decideClaim(record, key, request, now)),
    commit: (key, token) => {
      // Counted from here: the token must not gain the time that loading and saving take.
      const expiresAt = addMs(readTimestamp(clock), token.remainingMs);
      return apply(key, (record, now) => decideCommit(record, key, { ...token, expiresAt }, now));
    },
    release: (key, fence, requestSent) =>
      apply(key, (record, now) => ({ result: undefined, ...decideRelease(record, fence, requestSent, now) })),
    remove: (key, fence) => apply(key, (record) => decideRemove(record, key, fence)),
  };
}

function findToken({ tokens }: ClaimRecord, key: StoreKey, now: Timestamp): StoredToken | undefined {
  const token = tokens.find(({ name }) => name === key.token);
  const remainingMs = msUntil(token?.expiresAt, now);
  return token && remainingMs > 0 ? { ciphertext: token.ciphertext, fence: token.fence, remainingMs } : undefined;
}

function decideClaim(
  record: ClaimRecord,
  key: StoreKey,
  { minIntervalMs, leaseMs, knownFence = 0, minRemainingMs }: ClaimRequest,
  now: Timestamp,
): Decision<ClaimResult> {
  const { fence, endsAt } = record;
  const token = findToken(record, key, now);
  if (token && token.fence > knownFence && token.remainingMs > minRemainingMs) {
    return { result: { outcome: 'found', token } };
  }
  const leftMs = msUntil(endsAt, now);
  if (leftMs > 0) return { result: { outcome: 'wait', waitMs: leftMs, because: 'held' } };
  const waitMs = leftMs + minIntervalMs;
  if (waitMs > 0) return { result: { outcome: 'wait', waitMs, because: 'closed' } };
  const grantedFence = Math.max(fence + 1, knownFence + 1, Math.floor(now.wall));
  const next = { ...record, fence: grantedFence, previousEndsAt: endsAt, endsAt: addMs(now, leaseMs) };
  return { result: { outcome: 'granted', fence: grantedFence }, record: next };
}

function decideCommit(
  record: ClaimRecord,
  { token: name }: StoreKey,
  { ciphertext, fence, expiresAt }: StoredToken & { readonly expiresAt: Timestamp },
  now: Timestamp,
): Decision<void> {
  if (fence < record.committedFence) return { result: undefined };
  const others = record.tokens.filter((token) => token.name !== name && msUntil(token.expiresAt, now) > 0);
  const tokens = [...others, { name, ciphertext, fence, expiresAt }];
  return { result: undefined, record: { ...endClaim(record, fence, now), committedFence: fence, tokens } };
}

function decideRelease(
  record: ClaimRecord,
  fence: number,
  requestSent: boolean,
  now: Timestamp,
): { readonly record?: ClaimRecord } {
  if (requestSent) return fence < record.fence ? {} : { record: endClaim(record, fence, now) };
  const isOpen = fence === record.fence && msUntil(record.endsAt, now) > 0;
  return isOpen ? { record: { ...record, endsAt: record.previousEndsAt } } : {};
}

function decideRemove(record: ClaimRecord, key: StoreKey, fence: number): Decision<void> {
  const tokens = record.tokens.filter((token) => token.name !== key.token || token.fence !== fence);
  return tokens.length === record.tokens.length
    ? { result: undefined }
    : { result: undefined, record: { ...record, tokens } };
}

/** Ends the claim after its request was sent. Once a newer claim has been granted, a late report leaves the gate as it is. */
function endClaim(record: ClaimRecord, fence: number, now: Timestamp): ClaimRecord {
  return fence < record.fence ? record : { ...record, fence, endsAt: now };
}
