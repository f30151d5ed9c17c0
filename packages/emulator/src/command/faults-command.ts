import type { FaultSummary } from '../state/fault.ts';
import type { CommandIo } from './command-io.ts';
import { type Flags, listFlag, numberFlag, readDuration, textFlag } from './parse-flags.ts';
import { steer } from './steer.ts';
import { UsageError } from './usage-error.ts';

const text = { type: 'string' } as const;
const FAULT_FLAGS = {
  on: text,
  'client-id': text,
  nth: text,
  times: text,
  delay: text,
  status: text,
  header: { ...text, multiple: true },
  body: text,
  socket: text,
};

/** `faults list | add | remove | clear` */
export async function faultsCommand([verb, ...args]: readonly string[], io: CommandIo): Promise<number> {
  switch (verb) {
    case 'list': {
      const { client, tell } = steer(args, io);
      const { faults } = await client.ask<{ faults: FaultSummary[] }>('faults/list');
      tell(
        faults,
        faults.map(({ id, hits, fault }) => `${id}  ${hits} hits  ${JSON.stringify(fault)}`),
      );
      return 0;
    }
    case 'add': {
      const { client, flags, tell } = steer(args, io, FAULT_FLAGS);
      const added = await client.ask<{ id: string }>('faults/add', toFault(flags));
      tell(added, [added.id]);
      return 0;
    }
    case 'remove': {
      const { client, flags, tell } = steer(args, io, {}, 'the id of the fault');
      const removed = await client.ask<{ hits: number }>('faults/remove', { id: flags.words[0] });
      tell(removed, [`removed after ${removed.hits} hits`]);
      return 0;
    }
    case 'clear': {
      const { client, tell } = steer(args, io);
      tell(await client.ask('faults/clear'), ['cleared']);
      return 0;
    }
    default:
      throw new UsageError('faults needs one of list, add, remove, clear');
  }
}

function toFault(flags: Flags): object {
  const delay = textFlag(flags, 'delay');
  const status = numberFlag(flags, 'status');
  const headers = listFlag(flags, 'header').map(readHeader);
  const body = textFlag(flags, 'body');
  if (status === undefined && (headers.length > 0 || body !== undefined)) throw new UsageError('--status is missing');
  return {
    on: textFlag(flags, 'on'),
    clientId: textFlag(flags, 'client-id'),
    nth: numberFlag(flags, 'nth'),
    times: numberFlag(flags, 'times'),
    ...(delay !== undefined && { delayMs: readDuration(delay, '--delay') }),
    ...(status !== undefined && { respond: { status, headers: Object.fromEntries(headers), body } }),
    socket: textFlag(flags, 'socket'),
  };
}

function readHeader(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  if (colon < 1) throw new UsageError("--header must be like 'Retry-After: 1'");
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}
