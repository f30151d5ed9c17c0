import type { CommandIo } from './command-io.ts';
import { steer } from './steer.ts';
import { UsageError } from './usage-error.ts';

/** `seed export`: always JSON, as a seed file is. */
export async function seedCommand([verb, ...args]: readonly string[], io: CommandIo): Promise<number> {
  if (verb !== 'export') throw new UsageError('seed needs export');
  const { client } = steer(args, io);
  io.print(JSON.stringify(await client.ask('seed/export'), undefined, 2));
  return 0;
}

/** `reset` */
export async function resetCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const { client, tell } = steer(args, io);
  tell(await client.ask('reset'), ['reset']);
  return 0;
}
