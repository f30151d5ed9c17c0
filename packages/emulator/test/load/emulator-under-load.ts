import { startEmulator } from '../../src/index.ts';

// Runs in its own process, so that its memory is that of the emulator alone.

/** The message to this process: how many requests to send in memory. */
export type Order = number;

/** The messages of this process: first its URL, then its resident memory after each order. */
export type Report = { readonly url: string } | { readonly residentBytes: number };

const emulator = await startEmulator({ throttleWindowMs: 0 });

async function carryOut(count: Order): Promise<void> {
  // One object for all: creating a request is slower than handling it.
  const request = new Request(`${emulator.url}/nowhere`);
  for (let done = 0; done < count; done += 1) await emulator.fetch(request);
  process.send?.({ residentBytes: process.memoryUsage.rss() } satisfies Report);
}

process.on('message', (order: Order) => void carryOut(order));
process.on('disconnect', () => process.exit());
process.send?.({ url: emulator.url } satisfies Report);
