import * as v from 'valibot';
import { type Fault, faultSchema } from '../state/fault.ts';
import { integer, object, text } from '../state/schemas.ts';
import { command, operation } from './operation.ts';

const id = v.pipe(text(100), v.description('What faults.add returned'));
const hits = integer(0, Number.MAX_SAFE_INTEGER);

/** Makes the emulator misbehave. */
export const faultOperations = [
  operation({
    name: 'faults.add',
    summary: 'Makes the emulator misbehave',
    arguments: faultSchema,
    result: object({ id }),
    isAudited: true,
    run: ({ state }, fault) => ({ id: state.faults.add(fault as Fault).id }),
  }),
  operation({
    name: 'faults.list',
    summary: 'Lists the faults, oldest first, and how often each was hit',
    arguments: object({}),
    result: object({ faults: v.array(object({ id, hits, fault: faultSchema })) }),
    returns: 'faults',
    run: ({ state }) => ({ faults: state.faults.list() }),
  }),
  operation({
    name: 'faults.remove',
    summary: 'Ends a fault, and returns how often it was hit; an unknown id is harmless',
    arguments: object({ id }),
    positional: ['id'],
    result: object({ hits }),
    isAudited: true,
    run: ({ state }, { id }) => ({ hits: state.faults.remove(id) }),
  }),
  command('faults.clear', 'Ends all faults', ({ state }) => state.faults.clear()),
];
