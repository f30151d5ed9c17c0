import { seededRandom } from '@instellix/testing/seeded-random';
import { EventQueue } from './event-queue.ts';
import { SimulatedStore } from './simulated-store.ts';
import { SimulatedVendor } from './simulated-vendor.ts';

/** A fleet whose clients need a token at all times. */
export interface FleetPlan {
  readonly clients: number;
  /** Whether the clients share a store. */
  readonly isShared: boolean;
  readonly hours: number;
  readonly seed?: number;
}

/** What the simulation counted. */
export interface FleetReport {
  readonly tokenRequests: number;
  /** 401s for correct credentials: token requests within the vendor's window. */
  readonly throttled: number;
  /** The longest time that a client was without a usable token, milliseconds. */
  readonly longestWaitMs: number;
  /** The share of all clients' time in which they had no token. */
  readonly withoutToken: number;
  readonly storeOperationsPerSecond: number;
}

const lifetimeMs = 300_000;
const minIntervalMs = 5_500;
const leaseMs = 11_000;
const expiryMarginMs = 10_000;
const requestMs = 100;
const storeTripMs = 1;
/** All clients start within this time, as in a deployment. */
const startWithinMs = 10_000;
const maxCoolDownMs = 60_000;

/** Simulates a fleet on a virtual clock: lifetimes of 300 s, the vendor's throttle, core's default options. */
export function simulateFleet({ clients, isShared, hours, seed = 1 }: FleetPlan): FleetReport {
  const queue = new EventQueue();
  const random = seededRandom(seed);
  const between = (least: number, most: number) => least + (most - least) * random();
  const clock = () => queue.now;
  const store = new SimulatedStore(clock);
  const vendor = new SimulatedVendor(clock);
  const waits = new Waits(clock);
  const endMs = hours * 3_600_000;

  function hold(client: Member, endsAt: number, fence?: number): void {
    client.hold(endsAt, fence);
    waits.end(client);
    queue.after(endsAt - expiryMarginMs - queue.now, () => client.endsAt === endsAt && waits.begin(client));
    // Core refreshes at 0.75 to 0.8 of the lifetime.
    const refreshAt = endsAt - lifetimeMs * between(0.2, 0.25);
    queue.after(refreshAt - queue.now, () => (isShared ? claim(client) : request(client)));
  }

  function claim(client: Member, pollMs = 50): void {
    const { knownFence } = client;
    const result = store.claim({ minIntervalMs, leaseMs, minRemainingMs: expiryMarginMs, knownFence });
    if (result.outcome === 'found') hold(client, queue.now + result.token.remainingMs, result.token.fence);
    else if (result.outcome === 'granted') {
      queue.after(storeTripMs, () => request(client, result.fence));
    } else if (result.because === 'closed') queue.after(result.waitMs + storeTripMs, () => claim(client));
    else {
      const waitMs = Math.min(result.waitMs, pollMs * between(0.75, 1.25));
      queue.after(waitMs + storeTripMs, () => claim(client, Math.min(2 * pollMs, 1_000)));
    }
  }

  function request(client: Member, fence?: number): void {
    const sentAt = queue.now;
    queue.after(requestMs / 2, () => {
      const isIssued = vendor.request();
      queue.after(requestMs / 2, () => {
        if (isIssued) {
          client.unauthorized = 0;
          if (fence !== undefined)
            store.commit({ ciphertext: '', fence, remainingMs: sentAt + lifetimeMs - queue.now });
          return hold(client, sentAt + lifetimeMs, fence);
        }
        if (fence !== undefined) store.release(fence, true);
        queue.after(client.recordUnauthorized(), () => (isShared ? claim(client) : request(client)));
      });
    });
  }

  for (let count = 0; count < clients; count++) {
    const client = new Member();
    queue.after(between(0, startWithinMs), () => {
      waits.begin(client);
      if (isShared) claim(client);
      else request(client);
    });
  }
  queue.runUntil(endMs);
  waits.close();
  return {
    tokenRequests: vendor.issued + vendor.throttled,
    throttled: vendor.throttled,
    longestWaitMs: waits.longestMs,
    withoutToken: waits.totalMs / (clients * endMs),
    storeOperationsPerSecond: isShared ? store.operations / (endMs / 1_000) : 0,
  };
}

class Member {
  endsAt = 0;
  knownFence: number | undefined;
  unauthorized = 0;

  hold(endsAt: number, fence: number | undefined): void {
    this.endsAt = endsAt;
    this.knownFence = fence;
  }

  /** Returns how long the client waits after a 401: the window, and after a second one a cool-down that doubles. */
  recordUnauthorized(): number {
    this.unauthorized++;
    if (this.unauthorized % 2 === 1) return minIntervalMs;
    return Math.min(minIntervalMs * 2 ** (this.unauthorized / 2 - 1), maxCoolDownMs);
  }
}

/** Since when which client has had no token. */
class Waits {
  readonly #clock: () => number;
  readonly #since = new Map<Member, number>();
  longestMs = 0;
  totalMs = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  begin(member: Member): void {
    if (!this.#since.has(member)) this.#since.set(member, this.#clock());
  }

  end(member: Member): void {
    const since = this.#since.get(member);
    if (since === undefined) return;
    this.#since.delete(member);
    const waitedMs = this.#clock() - since;
    this.longestMs = Math.max(this.longestMs, waitedMs);
    this.totalMs += waitedMs;
  }

  close(): void {
    for (const member of [...this.#since.keys()]) this.end(member);
  }
}
