import { EventQueue, SeededRandom } from './event-queue.ts';
import { SimulatedStore } from './simulated-store.ts';
import { SimulatedVendor } from './simulated-vendor.ts';

/** A fleet whose clients all want a token at all times. */
export interface FleetPlan {
  readonly clients: number;
  /** Whether they share a store, or each is on its own. */
  readonly isShared: boolean;
  readonly hours: number;
  readonly seed?: number;
}

/** What it came to. */
export interface FleetReport {
  readonly tokenRequests: number;
  /** 401 to correct credentials: two requests within the vendor's window. */
  readonly throttled: number;
  /** The longest that a client was without a token that could be used, milliseconds. */
  readonly longestWaitMs: number;
  /** The part of all clients' time in which they had no token. */
  readonly withoutToken: number;
  readonly storeOperationsPerSecond: number;
}

const lifetimeMs = 300_000;
const minIntervalMs = 5_500;
const leaseMs = 11_000;
const expiryMarginMs = 10_000;
const requestMs = 100;
const storeTripMs = 1;
/** Within this all clients are started, as by a deployment. */
const startedWithinMs = 10_000;
const longestCoolDownMs = 60_000;

/** Plays a fleet over some hours on a virtual clock: lifetimes of 300 s, the vendor's throttle, core's default pace. */
export function playFleet({ clients, isShared, hours, seed = 1 }: FleetPlan): FleetReport {
  const queue = new EventQueue();
  const random = new SeededRandom(seed);
  const clock = () => queue.now;
  const store = new SimulatedStore(clock);
  const vendor = new SimulatedVendor(clock, lifetimeMs);
  const waits = new Waits(clock);
  const endMs = hours * 3_600_000;

  function hold(client: Member, endsAt: number, fence?: number): void {
    client.hold(endsAt, fence);
    waits.end(client);
    queue.after(endsAt - expiryMarginMs - queue.now, () => client.endsAt === endsAt && waits.begin(client));
    // The age at which core renews: from 0.75 to 0.8 of the lifetime.
    const renewAt = endsAt - lifetimeMs * random.between(0.2, 0.25);
    queue.after(renewAt - queue.now, () => (isShared ? claim(client) : request(client)));
  }

  function claim(client: Member, pollMs = 50): void {
    const { knownFence } = client;
    const answer = store.claim({ minIntervalMs, leaseMs, minRemainingMs: expiryMarginMs, knownFence });
    if (answer.outcome === 'found') hold(client, queue.now + answer.token.remainingMs, answer.token.fence);
    else if (answer.outcome === 'granted') {
      queue.after(storeTripMs, () => request(client, answer.fence));
    } else if (answer.because === 'closed') queue.after(answer.waitMs + storeTripMs, () => claim(client));
    else {
      const waitMs = Math.min(answer.waitMs, pollMs * random.between(0.75, 1.25));
      queue.after(waitMs + storeTripMs, () => claim(client, Math.min(2 * pollMs, 1_000)));
    }
  }

  function request(client: Member, fence?: number): void {
    const sentAt = queue.now;
    queue.after(requestMs / 2, () => {
      const token = vendor.request();
      queue.after(requestMs / 2, () => {
        if (token) {
          client.refusals = 0;
          if (fence !== undefined)
            store.commit({ ciphertext: '', fence, remainingMs: sentAt + lifetimeMs - queue.now });
          return hold(client, sentAt + lifetimeMs, fence);
        }
        if (fence !== undefined) store.release(fence, true);
        queue.after(client.refuse(), () => (isShared ? claim(client) : request(client)));
      });
    });
  }

  for (let count = 0; count < clients; count++) {
    const client = new Member();
    queue.after(random.between(0, startedWithinMs), () => {
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
  refusals = 0;

  hold(endsAt: number, fence: number | undefined): void {
    this.endsAt = endsAt;
    this.knownFence = fence;
  }

  /** How long it waits after a 401: the window, then, as its credentials count as rejected, a cool-down that doubles. */
  refuse(): number {
    this.refusals++;
    if (this.refusals % 2 === 1) return minIntervalMs;
    return Math.min(minIntervalMs * 2 ** (this.refusals / 2 - 1), longestCoolDownMs);
  }
}

/** Who has been without a token since when. */
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
