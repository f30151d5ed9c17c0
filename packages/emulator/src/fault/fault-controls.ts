import type { FaultControls } from '../emulator/emulator.ts';
import type { FaultHandle } from './fault.ts';
import type { FaultList } from './fault-list.ts';
import { readFault } from './read-fault.ts';

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
        remove: async () => faults.remove(id),
      });
    },
  };
}
