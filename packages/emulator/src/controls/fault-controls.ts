import type { FaultControls } from '../emulator/emulator.ts';
import type { Fault, FaultHandle } from '../state/fault.ts';
import type { FaultList } from '../state/fault-list.ts';
import { type CheckedFault, readFault } from '../state/input/read-fault.ts';

/** Adds and removes faults on behalf of whoever steers the emulator. */
export function createFaultControls(faults: FaultList): FaultControls {
  return {
    async add(fault): Promise<FaultHandle> {
      const { id, hits } = faults.add(readFault(fault, 'faults.add(fault)'));
      return Object.freeze({
        id,
        get hits() {
          return hits();
        },
        async remove() {
          faults.remove(id);
        },
      });
    },
    list: async () => faults.list().map(({ id, fault, hits }) => ({ id, hits, fault: toFault(fault) })),
    clear: async () => faults.clear(),
  };
}

/** The fault as it could be given again: without limit is said by saying nothing. */
function toFault({ nth, times, ...fault }: CheckedFault): Fault {
  return { ...fault, on: fault.on as Fault['on'], nth, ...(Number.isFinite(times) && { times }) };
}
