/** A process that calls the API repeatedly, and reports to its parent. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createInstellixClient, type InstellixClientOptions } from '@instellix/core';
import { fileTokenStore } from '@instellix/file-store';

/** The settings of a worker, as JSON in its first argument. */
export interface WorkerOrder {
  readonly directory: string;
  readonly tokenRequest: NonNullable<InstellixClientOptions['tokenRequest']>;
  readonly pauseMs: number;
}

/** A message from a worker. */
export type WorkerMessage =
  | { readonly type: 'ready' | 'requesting' }
  | { readonly type: 'called'; readonly status: number }
  | { readonly type: 'failed'; readonly code: string }
  | { readonly type: 'store_failed'; readonly operation: string }
  | { readonly type: 'ended'; readonly token: string };

const { directory, tokenRequest, pauseMs }: WorkerOrder = JSON.parse(process.argv[2] ?? '{}');
const send = (message: WorkerMessage) => void process.send?.(message);
const client = createInstellixClient({
  store: fileTokenStore({ directory }),
  tokenRequest,
  onEvent: (event) => {
    if (event.type === 'token_requested') send({ type: 'requesting' });
    if (event.type === 'store_failed') send({ type: 'store_failed', operation: event.operation });
  },
});

let isEnding = false;
const begun = new Promise<void>((resolve) => {
  process.on('message', (message) => {
    if (message === 'begin') resolve();
    else isEnding = true;
  });
});
send({ type: 'ready' });
await begun;
while (!isEnding) {
  try {
    const response = await client.fetch('/some-resource');
    await response.body?.cancel();
    send({ type: 'called', status: response.status });
  } catch (error) {
    send({ type: 'failed', code: (error as { code?: string }).code ?? String(error) });
  }
  await sleep(pauseMs);
}
send({ type: 'ended', token: (await client.getToken()).value });
await client.close();
process.disconnect();
