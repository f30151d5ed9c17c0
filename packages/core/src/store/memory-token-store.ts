import type { Clock } from '../clock/clock.ts';
import { systemClock } from '../clock/system-clock.ts';
import { group, readOptions } from '../configuration/option-group.ts';
import { withMethods } from '../configuration/option-rule.ts';
import type { ClaimAnswer, ClaimRequest, StoredToken, StoreKey, TokenStore } from './token-store.ts';

/** What a memory store can be told. */
export interface MemoryTokenStoreOptions {
  /**
   * Where the store takes its time from; its monotonic side decides, its wall clock only starts the fences.
   *
   * @default the clock of the runtime
   */
  readonly clock?: Clock | undefined;
}

interface Entry {
  readonly sealed: string;
  readonly fence: number;
  /** Monotonic milliseconds. */
  readonly endsAt: number;
}

interface Gate {
  /** The highest fence that was granted or reported. */
  fence: number;
  committedFence: number;
  /** When the latest claim ended. In the future: it is open, and this is its lease's end. */
  endsAt: number;
  /** When the claim before the latest ended. */
  endedBefore: number;
  readonly tokens: Map<string, Entry>;
}

/** How long a gate is remembered after its latest claim; no sensible interval is longer. */
const gateKeptMs = 86_400_000;
const fewGates = 64;

/**
 * Creates a store in this process's memory; pass the same one to several clients to let them share token and gate. For
 * several processes use a file or Redis store.
 *
 * A gate is remembered for a day after its latest claim, a token until it ends. What has ended is dropped as new gates
 * come, so that there are never more than 64 gates or twice those in use, whichever is more.
 *
 * @throws ConfigurationError when an option cannot be used
 */
export function memoryTokenStore(options: MemoryTokenStoreOptions = {}): TokenStore {
  const rule = group({ clock: withMethods<Clock>('now', 'monotonic', 'sleep') });
  return readOptions(rule, options, ({ clock = systemClock }) => new MemoryTokenStore(clock));
}

/** Atomic because no method waits for anything. */
class MemoryTokenStore implements TokenStore {
  readonly #clock: Clock;
  readonly #gates = new Map<string, Gate>();
  #sweepAt = fewGates;
  /** Of all gates, so that a gate that was dropped goes on from higher numbers. */
  #lastFence = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async read(key: StoreKey): Promise<StoredToken | undefined> {
    return this.#find(key, this.#clock.monotonic());
  }

  async claim(key: StoreKey, request: ClaimRequest): Promise<ClaimAnswer> {
    const now = this.#clock.monotonic();
    const token = this.#find(key, now);
    if (token && token.fence !== request.knownFence && token.remainingMs > request.minRemainingMs) {
      return { outcome: 'found', token };
    }
    const gate = this.#gateOf(key, now);
    const isHeld = now < gate.endsAt;
    const waitMs = gate.endsAt - now + (isHeld ? 0 : request.minIntervalMs);
    if (waitMs > 0) return { outcome: 'wait', waitMs, because: isHeld ? 'held' : 'closed' };
    gate.fence = this.#lastFence = Math.max(this.#lastFence + 1, Math.floor(this.#clock.now()));
    gate.endedBefore = gate.endsAt;
    gate.endsAt = now + request.leaseMs;
    return { outcome: 'granted', fence: gate.fence };
  }

  async commit(key: StoreKey, { sealed, remainingMs, fence }: StoredToken): Promise<boolean> {
    const now = this.#clock.monotonic();
    const gate = this.#gateOf(key, now);
    if (fence < gate.committedFence) return false;
    gate.committedFence = fence;
    this.#settle(gate, fence, now);
    dropEnded(gate, now);
    gate.tokens.set(key.token, { sealed, fence, endsAt: now + remainingMs });
    return true;
  }

  async release(key: StoreKey, fence: number, requestSent: boolean): Promise<void> {
    const now = this.#clock.monotonic();
    const gate = this.#gateOf(key, now);
    if (requestSent) this.#settle(gate, fence, now);
    else if (fence === gate.fence && now < gate.endsAt) gate.endsAt = gate.endedBefore;
  }

  async remove(key: StoreKey, fence: number): Promise<void> {
    const tokens = this.#gates.get(key.gate)?.tokens;
    if (tokens?.get(key.token)?.fence === fence) tokens.delete(key.token);
  }

  /** A request was sent under this fence, and is over. */
  #settle(gate: Gate, fence: number, now: number): void {
    if (fence < gate.fence) return;
    gate.fence = fence;
    gate.endsAt = now;
    this.#lastFence = Math.max(this.#lastFence, fence);
  }

  #find({ gate, token }: StoreKey, now: number): StoredToken | undefined {
    const entry = this.#gates.get(gate)?.tokens.get(token);
    if (!entry || entry.endsAt <= now) return undefined;
    return { sealed: entry.sealed, remainingMs: entry.endsAt - now, fence: entry.fence };
  }

  #gateOf(key: StoreKey, now: number): Gate {
    let gate = this.#gates.get(key.gate);
    if (!gate) {
      this.#sweep(now);
      const never = Number.NEGATIVE_INFINITY;
      gate = { fence: never, committedFence: never, endsAt: never, endedBefore: never, tokens: new Map() };
      this.#gates.set(key.gate, gate);
    }
    return gate;
  }

  #sweep(now: number): void {
    if (this.#gates.size < this.#sweepAt) return;
    for (const [name, gate] of this.#gates) {
      dropEnded(gate, now);
      if (gate.tokens.size === 0 && gate.endsAt + gateKeptMs <= now) this.#gates.delete(name);
    }
    this.#sweepAt = Math.max(fewGates, 2 * this.#gates.size);
  }
}

function dropEnded({ tokens }: Gate, now: number): void {
  for (const [name, { endsAt }] of tokens) if (endsAt <= now) tokens.delete(name);
}
