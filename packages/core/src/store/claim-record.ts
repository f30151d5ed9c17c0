import { msUntil, type Timestamp } from '../clock/timestamp.ts';

/** A token in a {@link ClaimRecord}. */
export interface RecordedToken {
  /** The `token` part of its key. */
  readonly name: string;
  readonly ciphertext: string;
  readonly fence: number;
  readonly expiresAt: Timestamp;
}

/** Everything that a store keeps about one gate; plain JSON. */
export interface ClaimRecord {
  /** The highest fence that was granted or reported. */
  readonly fence: number;
  readonly committedFence: number;
  /** When the latest claim ended; while it is open, when its lease ends. Undefined before the first claim. */
  readonly endsAt?: Timestamp | undefined;
  /** When the claim before the latest ended. */
  readonly previousEndsAt?: Timestamp | undefined;
  readonly tokens: readonly RecordedToken[];
}

/**
 * The longest interval or lease that a client may ask for, in milliseconds: an hour and some slack. A store that reports a longer wait
 * has been tampered with, or its clock was set back.
 */
export const maxClaimMs = 3_660_000;
/** No token lives longer: core caps `expires_in` at a day. */
const maxLifetimeMs = 86_400_000;

/** No interval is longer. */
const unusedAfterMs = 86_400_000;

const emptyRecord: ClaimRecord = { fence: 0, committedFence: 0, tokens: [] };

/**
 * Reads what a store has loaded. Anything that is not a record counts as lost data. Times further ahead than any claim or token can
 * be are from before both clocks were set back: then only the fences are kept.
 */
export function parseClaimRecord(content: unknown, now: Timestamp): ClaimRecord {
  if (!isClaimRecord(content)) return emptyRecord;
  const { fence, committedFence, endsAt, tokens } = content;
  if (msUntil(endsAt, now) > maxClaimMs) return { ...emptyRecord, fence, committedFence };
  // Expired tokens stay: when the wall clock is set back, `remove` must find them. Spread, so that fields which a later version adds
  // are kept.
  return { ...content, tokens: tokens.filter(({ expiresAt }) => msUntil(expiresAt, now) <= maxLifetimeMs) };
}

/** Returns whether a record can be forgotten: its tokens have expired, and its latest claim ended a day ago. */
export function isUnused({ tokens, endsAt, fence }: ClaimRecord, now: Timestamp): boolean {
  const hasExpired = ({ expiresAt }: RecordedToken) => msUntil(expiresAt, now) <= 0;
  // Without an end, no request of the gate was ever sent. A fence is at least the time of its grant.
  const endedMs = endsAt ? -msUntil(endsAt, now) : now.wall - fence;
  return tokens.every(hasExpired) && endedMs > unusedAfterMs;
}

function isClaimRecord(value: unknown): value is ClaimRecord {
  const { fence, committedFence, endsAt, previousEndsAt, tokens } = Object(value) as Record<keyof ClaimRecord, unknown>;
  return (
    Number.isSafeInteger(fence) &&
    Number.isSafeInteger(committedFence) &&
    [endsAt, previousEndsAt].every((time) => time === undefined || isTimestamp(time)) &&
    Array.isArray(tokens) &&
    tokens.every(isRecordedToken)
  );
}

function isRecordedToken(value: unknown): boolean {
  const { name, ciphertext, fence, expiresAt } = Object(value) as Record<keyof RecordedToken, unknown>;
  return (
    typeof name === 'string' && typeof ciphertext === 'string' && Number.isSafeInteger(fence) && isTimestamp(expiresAt)
  );
}

function isTimestamp(value: unknown): boolean {
  const { wall, monotonic } = Object(value) as Record<keyof Timestamp, unknown>;
  return Number.isFinite(wall) && Number.isFinite(monotonic);
}
