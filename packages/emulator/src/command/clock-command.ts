import type { CommandIo } from './command-io.ts';
import { readDuration } from './parse-flags.ts';
import { steer } from './steer.ts';
import { UsageError } from './usage-error.ts';

/** `clock`, and `clock advance DURATION` */
export async function clockCommand(args: readonly string[], io: CommandIo): Promise<number> {
  const [verb, ...rest] = args;
  if (verb === undefined || verb.startsWith('-')) return tellNow(steer(args, io), 'clock/now', {});
  if (verb !== 'advance') throw new UsageError('clock needs nothing, or advance and a duration');
  const steering = steer(rest, io, {}, 'the duration');
  return tellNow(steering, 'clock/advance', { ms: readDuration(steering.flags.words[0] ?? '', 'the duration') });
}

async function tellNow({ client, tell }: ReturnType<typeof steer>, verb: string, given: object): Promise<number> {
  const { now } = await client.ask<{ now: number }>(verb, given);
  tell({ now }, [new Date(now).toISOString()]);
  return 0;
}
