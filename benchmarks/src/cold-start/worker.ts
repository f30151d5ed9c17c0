/** One of several processes that start at once: gets one token, and reports whether it got it. */
import { once } from 'node:events';
import { instellix } from '../subjects/instellix.ts';
import { instellixIn } from '../subjects/instellix-file-store.ts';
import { openidClientSharingRequests } from '../subjects/openid-client.ts';
import { simpleOauth2 } from '../subjects/simple-oauth2.ts';
import type { Subject } from '../subjects/subject.ts';
import type { Credential } from '../token-server/credential.ts';

/** The settings of a worker, as JSON in its first argument. */
export interface WorkerOrder {
  readonly subject: string;
  readonly credential: Credential;
  readonly directory: string;
}

/** The messages of a worker. The first one means that it is ready. */
export type WorkerResult = { readonly ready: true } | { readonly failed: boolean };

const order = JSON.parse(process.argv[2] ?? '{}') as WorkerOrder;
const subjects: readonly Subject[] = [
  instellixIn(order.directory),
  instellix,
  openidClientSharingRequests,
  simpleOauth2,
];
const open = subjects.find(({ name }) => name === order.subject)?.open(order.credential);
if (open === undefined) throw new Error(`There is no subject ${order.subject}.`);

process.send?.({ ready: true } satisfies WorkerResult);
await once(process, 'message');
const failed = await open.getToken().then(
  () => false,
  () => true,
);
process.send?.({ failed } satisfies WorkerResult);
await open.close();
process.disconnect();
