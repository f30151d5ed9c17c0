import type { EmulatorState } from '../state/emulator-state.ts';
import type { Fault } from '../state/fault.ts';
import type { Controls, FaultControls } from './controls.ts';
import { type Call, runOperation, toMethod } from './operation.ts';
import { operations } from './operations.ts';

/** The methods that are the same in process and over HTTP. */
export type Methods = Pick<Controls, 'credentials' | 'tokens' | 'requests' | 'reset'> & {
  readonly clock: Pick<Controls['clock'], 'advance'>;
  readonly faults: Pick<FaultControls, 'list' | 'clear'> & {
    add(fault: Fault): Promise<{ readonly id: string }>;
    remove(id: string): Promise<{ readonly hits: number }>;
  };
};

/** Creates a method for each operation. `call` runs it. */
export function createMethods(call: Call): Methods {
  const groups: Record<string, Record<string, unknown>> = {};
  for (const operation of operations.values()) {
    const [group = '', verb = ''] = operation.name.split('.');
    groups[group] = { ...groups[group], [verb]: toMethod(operation, call) };
  }
  const { credentials, tokens, requests, reset, clock, faults } = groups;
  // The names are not known to the compiler. Tests call every method in process and over HTTP.
  return {
    credentials: Object.freeze(credentials),
    tokens: Object.freeze(tokens),
    requests: Object.freeze(requests),
    reset: reset?.[''],
    clock: { advance: clock?.['advance'] },
    faults,
  } as unknown as Methods;
}

/** Runs operations in this process. They reject after `closing` is aborted. */
export function callInProcess(state: EmulatorState, closing: AbortSignal): Call {
  return async (operation, given) => {
    if (operation.worksClosed !== true) requireOpen(closing);
    return runOperation({ state, url: '' }, operation, given);
  };
}

/** Creates the controls of an emulator in this process. */
export function createControls(state: EmulatorState, { clock, faults, ...methods }: Methods): Controls {
  const { add, list, clear, remove } = faults;
  return {
    ...methods,
    clock: Object.freeze({ now: () => new Date(state.clock.now()), ...clock }),
    faults: Object.freeze({
      list,
      clear,
      async add(fault) {
        const { id } = await add(fault);
        const active = state.faults.find(id);
        return Object.freeze({
          id,
          get hits() {
            return active?.hits ?? 0;
          },
          async remove() {
            await remove(id);
          },
        });
      },
    } satisfies FaultControls),
  };
}

/** @throws Error when the emulator is closed or closing. */
export function requireOpen(closing: AbortSignal): void {
  if (closing.aborted) throw new Error('the emulator is closed; call startEmulator() to start another one');
}
