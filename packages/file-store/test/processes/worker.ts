/** A process of a fleet: calls the API again and again, and tells its parent what it lived through. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createInstellixClient, type InstellixClientOptions } from '@instellix/core';
import { fileTokenStore } from '@instellix/file-store';

/** What a worker is told, as JSON in its first argument. */
export interface WorkerOrder {
  readonly directory: string;
  readonly tokenRequest: NonNullable<InstellixClientOptions['tokenRequest']>;
  readonly pauseMs: number;
}

/** What a worker tells. */
export type WorkerMessage =
  | { readonly type: 'ready' | 'requesting' }
  | { readonly type: 'called'; readonly status: number }
  | { readonly type: 'failed'; readonly code: string }
  | { readonly type: 'store_failed'; readonly operation: string }
  | { readonly type: 'ended'; readonly token: string };

const { directory, tokenRequest, pauseMs }: WorkerOrder = JSON.parse(process.argv[2] ?? '{}');
const tell = (message: WorkerMessage) => void process.send?.(message);
const client = createInstellixClient({
  store: fileTokenStore({ directory }),
  tokenRequest,
  onEvent: (event) => {
    if (event.type === 'token_requested') tell({ type: 'requesting' });
    if (event.type === 'store_failed') tell({ type: 'store_failed', operation: event.operation });
  },
});

let isEnding = false;
const begun = new Promise<void>((resolve) => {
  process.on('message', (message) => {
    if (message === 'begin') resolve();
    else isEnding = true;
  });
});
tell({ type: 'ready' });
await begun;
while (!isEnding) {
  try {
    const response = await client.fetch('/some-resource');
    await response.body?.cancel();
    tell({ type: 'called', status: response.status });
  } catch (error) {
    tell({ type: 'failed', code: (error as { code?: string }).code ?? String(error) });
  }
  await sleep(pauseMs);
}
tell({ type: 'ended', token: (await client.getToken()).value });
await client.close();
process.disconnect();
