import { startEmulator } from '../../src/index.ts';

// Run in a process of its own, so that its memory is that of an emulator and of nothing else.

/** What this process is told: how many requests to make in memory; 0 for none. */
export type Order = number;

/** What it says: first where it is, then, for each order, its resident memory in bytes once the order is done. */
export type Report = { readonly url: string } | { readonly residentBytes: number };

const emulator = await startEmulator({ throttleWindowMs: 0 });

async function carryOut(count: Order): Promise<void> {
  // One for all of them: making a request costs more than answering it.
  const request = new Request(`${emulator.url}/nowhere`);
  for (let done = 0; done < count; done += 1) await emulator.fetch(request);
  process.send?.({ residentBytes: process.memoryUsage.rss() } satisfies Report);
}

process.on('message', (order: Order) => void carryOut(order));
process.on('disconnect', () => process.exit());
process.send?.({ url: emulator.url } satisfies Report);
