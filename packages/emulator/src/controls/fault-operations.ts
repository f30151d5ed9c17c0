import * as v from 'valibot';
import { type Fault, faultSchema } from '../state/fault.ts';
import { described, integer, object, string } from '../state/schemas.ts';
import { command, operation } from './operation.ts';

const id = described('The id that faults.add returned', string(100));
const hits = integer(0, Number.MAX_SAFE_INTEGER);

/** The operations on faults. */
export const faultOperations = [
  operation({
    name: 'faults.add',
    summary: 'Injects a fault',
    arguments: faultSchema,
    result: object({ id }),
    isAudited: true,
    run: ({ state }, fault) => ({ id: state.faults.add(fault as Fault).id }),
  }),
  operation({
    name: 'faults.list',
    summary: 'Lists the faults, oldest first, with the number of requests that each has hit',
    arguments: object({}),
    result: object({ faults: v.array(object({ id, hits, fault: faultSchema })) }),
    returns: 'faults',
    run: ({ state }) => ({ faults: state.faults.list() }),
  }),
  operation({
    name: 'faults.remove',
    summary: 'Removes a fault, and returns the number of requests that it has hit; an unknown id is ignored',
    arguments: object({ id }),
    positional: ['id'],
    result: object({ hits }),
    isAudited: true,
    // A test may remove its fault after `await using` has closed the emulator.
    worksClosed: true,
    run: ({ state }, { id }) => ({ hits: state.faults.remove(id) }),
  }),
  command('faults.clear', 'Removes all faults', ({ state }) => state.faults.clear()),
];
