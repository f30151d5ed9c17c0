import type { Fault } from '../state/fault.ts';
import type { Controls, FaultControls } from './controls.ts';
import { credentialOperations } from './credential-operations.ts';
import { type EmulatorDescription, emulatorOperations } from './emulator-operations.ts';
import { faultOperations } from './fault-operations.ts';
import { type Call, type Operation, toMethod } from './operation.ts';
import { requestOperations } from './request-operations.ts';

/** All operations of an emulator. */
export const operations: readonly Operation[] = [
  ...emulatorOperations,
  ...credentialOperations,
  ...faultOperations,
  ...requestOperations,
];

/** The methods that are the same in process and over HTTP. */
export type Methods = Pick<Controls, 'credentials' | 'tokens' | 'requests' | 'reset'> & {
  describe(): Promise<EmulatorDescription>;
  readonly clock: Pick<Controls['clock'], 'advance'> & { now(): Promise<{ readonly now: number }> };
  readonly faults: Pick<FaultControls, 'list' | 'clear'> & {
    add(fault: Fault): Promise<{ readonly id: string }>;
    remove(id: string): Promise<{ readonly hits: number }>;
  };
};

/** Creates a method for each operation. `call` runs it. */
export function createMethods(call: Call): Methods {
  const methods: Record<string, unknown> = {};
  for (const operation of operations) {
    const [group = '', verb] = operation.name.split('.');
    const method = toMethod(operation, call);
    methods[group] = verb === undefined ? method : { ...(methods[group] as object | undefined), [verb]: method };
  }
  // The names are not known to the compiler. Tests call every method in process and over HTTP.
  return methods as unknown as Methods;
}

/** Creates the controls of an emulator from its methods. `now` and `toHandle` depend on where the emulator runs. */
export function createControls<Now, Handle>(methods: Methods, now: () => Now, toHandle: (id: string) => Handle) {
  const { credentials, tokens, requests, reset, clock, faults } = methods;
  const { add, list, clear } = faults;
  return {
    credentials: Object.freeze(credentials),
    tokens: Object.freeze(tokens),
    requests: Object.freeze(requests),
    reset,
    clock: Object.freeze({ now, advance: clock.advance }),
    faults: Object.freeze({ list, clear, add: async (fault: Fault) => toHandle((await add(fault)).id) }),
  };
}
