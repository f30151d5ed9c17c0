import type { FollowedRequests, FollowOptions } from '../emulator/emulator.ts';
import type { CommandIo } from './command-io.ts';
import { followRequests } from './follow-requests.ts';
import { requestLine } from './print-start.ts';
import { steer } from './steer.ts';
import { UsageError } from './usage-error.ts';

/** `requests tail` */
export async function requestsCommand([verb, ...args]: readonly string[], io: CommandIo): Promise<number> {
  if (verb !== 'tail') throw new UsageError('requests needs tail');
  const { client, flags } = steer(args, io, { all: { type: 'boolean' } });
  const follow = (options: FollowOptions = {}) => client.ask<FollowedRequests>('requests/follow', options);
  const show = flags.values['json'] === true ? JSON.stringify : requestLine;
  const after = flags.values['all'] === true ? 0 : undefined;
  await followRequests({ follow }, after, io.stopping, (entry) => io.print(show(entry)));
  client.close();
  return 0;
}
