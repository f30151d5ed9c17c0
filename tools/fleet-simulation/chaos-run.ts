import { ChaosClient } from './chaos-client.ts';
import { EventQueue, SeededRandom } from './event-queue.ts';
import { Observer, type Violation } from './observer.ts';
import { type Rule, SimulatedStore } from './simulated-store.ts';
import { SimulatedVendor } from './simulated-vendor.ts';

/** Everything that one run consists of. */
export interface World {
  readonly queue: EventQueue;
  readonly random: SeededRandom;
  readonly store: SimulatedStore;
  readonly vendor: SimulatedVendor;
  readonly observer: Observer;
  readonly missing: Rule | undefined;
  /** Nothing goes wrong any more. */
  readonly isCalm: boolean;
}

const clientCount = 4;
const faultsUntilMs = 400_000;
/** After the last fault everything must come right by itself. */
const quietMs = 120_000;

/** Runs four clients through ten faults a minute, and says what was violated. The same seed, the same run. */
export function runChaos(seed: number, missing?: Rule): readonly Violation[] {
  const queue = new EventQueue();
  const random = new SeededRandom(seed);
  const clock = () => queue.now;
  const world: World = {
    queue,
    random,
    store: new SimulatedStore(clock, missing),
    vendor: new SimulatedVendor(clock),
    observer: new Observer(clock),
    missing,
    get isCalm() {
      return queue.now > faultsUntilMs;
    },
  };
  const clients = Array.from({ length: clientCount }, (_, id) => new ChaosClient(world, id));
  for (const client of clients) queue.after(random.between(0, 200), () => client.start());
  const disturb = () => {
    if (queue.now > faultsUntilMs) return;
    strike(world, clients[Math.floor(random.next() * clientCount)] as ChaosClient);
    queue.after(random.between(0, 12_000), disturb);
  };
  queue.after(1_000, disturb);
  queue.runUntil(faultsUntilMs + quietMs);
  for (const client of clients) {
    if (!client.hasToken) world.observer.report('progress', `client ${client.id} has no token`);
  }
  return world.observer.violations;
}

/** One fault of those that happen. */
function strike({ queue, random, store, vendor, observer }: World, client: ChaosClient): void {
  const kind = random.next();
  if (kind < 0.25) {
    client.crash();
    queue.after(random.between(0, 5_000), () => client.start());
  } else if (kind < 0.6) client.pause(random.between(100, 25_000));
  else if (kind < 0.75) client.partition(random.between(500, 15_000));
  else if (kind < 0.9) vendor.revokeAll();
  else {
    observer.dataLost();
    if (kind < 0.95) store.loseData();
    else store.loseLastWrite();
  }
}
