/** One worker: calls the API in a loop with a token of its store, and reports the number of calls to its parent. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createInstellixClient, type TokenStore } from '@instellix/core';
import { fileTokenStore } from '@instellix/file-store';
import { redisTokenStore } from '@instellix/redis-store';
import { createClient } from 'redis';

/** How a worker shares its token. */
export type Sharing =
  | { readonly by: 'directory'; readonly directory: string }
  | { readonly by: 'redis'; readonly url: string }
  | { readonly by: 'nothing' };

/** The calls and failures since the last report. */
export interface WorkerReport {
  readonly calls: number;
  readonly failed: number;
}

const pauseMs = 50;
const reportEveryMs = 200;

async function openStore(sharing: Sharing): Promise<TokenStore | undefined> {
  if (sharing.by === 'directory') return fileTokenStore({ directory: sharing.directory });
  if (sharing.by === 'nothing') return undefined;
  const connection = createClient({ url: sharing.url, disableOfflineQueue: true });
  connection.on('error', () => {});
  await connection.connect();
  return redisTokenStore(connection, { keyPrefix: 'worker-fleet:' });
}

const store = await openStore(JSON.parse(process.argv[2] ?? '{"by":"nothing"}') as Sharing);
const client = createInstellixClient(store ? { store } : {});
process.on('disconnect', () => process.exit());

let calls = 0;
let failed = 0;
function report(): void {
  process.send?.({ calls, failed } satisfies WorkerReport);
  calls = failed = 0;
}

// The first report means that the worker is ready. It then waits for the others.
report();
await once(process, 'message');
setInterval(report, reportEveryMs);

for (;;) {
  try {
    const response = await client.fetch('/some-resource');
    response.body?.cancel().catch(() => {});
    if (response.ok) calls++;
    else failed++;
  } catch {
    failed++;
  }
  await sleep(pauseMs);
}
