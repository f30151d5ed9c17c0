import type { ClaimAnswer, ClaimRequest, StoredToken, StoreKey } from '@instellix/core';

interface TokenEntry {
  readonly sealed: string;
  readonly fence: number;
  /** Monotonic milliseconds, like all times in here. */
  readonly endsAt: number;
}

/** All that is known about one gate. */
export interface GateRecord {
  readonly savedAt: number;
  /** The highest fence that was granted or reported. */
  readonly fence: number;
  readonly committedFence: number;
  /** When the latest claim ended. In the future: it is open, and this is its lease's end. */
  readonly endsAt: number;
  /** When the claim before the latest ended. */
  readonly endedBefore: number;
  readonly tokens: readonly (readonly [name: string, token: TokenEntry])[];
}

/** What an operation answers, and the record that it leaves; without one, nothing changes. */
export interface Decision<T> {
  readonly answer: T;
  readonly next?: GateRecord;
}

/** The time of a decision: monotonic for everything, epoch milliseconds to start the fences from. */
export interface DecisionTime {
  readonly now: number;
  readonly wallNow: number;
}

const longAgo = -1e15;
const unknownGate: GateRecord = {
  savedAt: longAgo,
  fence: 0,
  committedFence: 0,
  endsAt: longAgo,
  endedBefore: longAgo,
  tokens: [],
};
/** How far processors of one machine may disagree about its clock, milliseconds. */
const clockSlackMs = 1_000;

/**
 * Makes a record of what was read. What is no record counts as lost; of one from the future, which is from before the
 * machine was started again, only the fences are kept.
 */
export function readGateRecord(content: unknown, now: number): GateRecord {
  if (!isGateRecord(content)) return unknownGate;
  const { fence, committedFence } = content;
  if (content.savedAt > now + clockSlackMs) return { ...unknownGate, fence, committedFence };
  // Spread, so that what a later version adds is kept.
  return { ...content, tokens: content.tokens.filter(([, { endsAt }]) => endsAt > now) };
}

export function findToken(gate: GateRecord, key: StoreKey, now: number): StoredToken | undefined {
  const token = gate.tokens.find(([name]) => name === key.token)?.[1];
  if (!token || token.endsAt <= now) return undefined;
  return { sealed: token.sealed, fence: token.fence, remainingMs: token.endsAt - now };
}

export function decideClaim(
  gate: GateRecord,
  key: StoreKey,
  request: ClaimRequest,
  { now, wallNow }: DecisionTime,
): Decision<ClaimAnswer> {
  const token = findToken(gate, key, now);
  if (token && token.fence !== request.knownFence && token.remainingMs > request.minRemainingMs) {
    return { answer: { outcome: 'found', token } };
  }
  const isHeld = now < gate.endsAt;
  const waitMs = gate.endsAt - now + (isHeld ? 0 : request.minIntervalMs);
  if (waitMs > 0) return { answer: { outcome: 'wait', waitMs, because: isHeld ? 'held' : 'closed' } };
  const fence = Math.max(gate.fence + 1, Math.floor(wallNow));
  const next = { ...gate, savedAt: now, fence, endedBefore: gate.endsAt, endsAt: now + request.leaseMs };
  return { answer: { outcome: 'granted', fence }, next };
}

/** `calledAt` is when the remaining lifetime was told: the token must not gain what the operation takes. */
export function decideCommit(
  gate: GateRecord,
  key: StoreKey,
  { sealed, fence, remainingMs }: StoredToken,
  { now, calledAt }: { readonly now: number; readonly calledAt: number },
): Decision<boolean> {
  if (fence < gate.committedFence) return { answer: false };
  const others = gate.tokens.filter(([name]) => name !== key.token);
  const token = { sealed, fence, endsAt: calledAt + remainingMs };
  const settled = settle({ ...gate, committedFence: fence }, fence, now);
  return { answer: true, next: { ...settled, tokens: [...others, [key.token, token]] } };
}

export function decideRelease(gate: GateRecord, fence: number, requestSent: boolean, now: number): Decision<undefined> {
  if (requestSent && fence >= gate.fence) return { answer: undefined, next: settle(gate, fence, now) };
  const isOpen = fence === gate.fence && now < gate.endsAt;
  if (requestSent || !isOpen) return { answer: undefined };
  return { answer: undefined, next: { ...gate, savedAt: now, endsAt: gate.endedBefore } };
}

export function decideRemove(gate: GateRecord, key: StoreKey, fence: number, now: number): Decision<undefined> {
  const tokens = gate.tokens.filter(([name, token]) => name !== key.token || token.fence !== fence);
  if (tokens.length === gate.tokens.length) return { answer: undefined };
  return { answer: undefined, next: { ...gate, savedAt: now, tokens } };
}

/** A request was sent under this fence, and is over; once a newer claim is granted, that says nothing. */
function settle(gate: GateRecord, fence: number, now: number): GateRecord {
  return { ...gate, savedAt: now, ...(fence >= gate.fence && { fence, endsAt: now }) };
}

function isGateRecord(value: unknown): value is GateRecord {
  const record = Object(value) as Record<keyof GateRecord, unknown>;
  const times = [record.savedAt, record.endsAt, record.endedBefore];
  return (
    times.every(Number.isFinite) &&
    [record.fence, record.committedFence].every(Number.isSafeInteger) &&
    Array.isArray(record.tokens) &&
    record.tokens.every(isNamedToken)
  );
}

function isNamedToken(value: unknown): boolean {
  if (!Array.isArray(value) || typeof value[0] !== 'string') return false;
  const token = Object(value[1]) as Record<keyof TokenEntry, unknown>;
  return typeof token.sealed === 'string' && Number.isSafeInteger(token.fence) && Number.isFinite(token.endsAt);
}
