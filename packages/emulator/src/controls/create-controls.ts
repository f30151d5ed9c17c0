import type { Controls, FaultControls } from './controls.ts';
import { type Call, type OperationContext, runOperation, toMethod } from './operation.ts';
import { operations } from './operations.ts';

/** The methods that are the same in process and over HTTP. */
export type Methods = Pick<Controls, 'credentials' | 'tokens' | 'requests' | 'reset'> & {
  readonly clock: Pick<Controls['clock'], 'advance'>;
  readonly faults: Pick<FaultControls, 'list' | 'clear'>;
};

/** Creates a method for each operation. `call` runs it. */
export function createMethods(call: Call): Methods {
  const groups: Record<string, Record<string, unknown>> = {};
  for (const operation of operations.values()) {
    const [group = '', verb = ''] = operation.name.split('.');
    groups[group] = { ...groups[group], [verb]: toMethod(operation, call) };
  }
  const { credentials, tokens, requests, reset, clock, faults } = groups;
  const { list, clear } = faults ?? {};
  // The names are not known to the compiler. Tests call every method in process and over HTTP.
  return {
    credentials: Object.freeze(credentials),
    tokens: Object.freeze(tokens),
    requests: Object.freeze(requests),
    reset: reset?.[''],
    clock: { advance: clock?.['advance'] },
    faults: { list, clear },
  } as unknown as Methods;
}

/** Creates the controls of an emulator in this process. They reject after `closing` is aborted. */
export function createControls(context: Pick<OperationContext, 'state' | 'reset'>, closing: AbortSignal): Controls {
  const { state } = context;
  const call: Call = async (operation, given) => {
    if (operation.worksClosed !== true) requireOpen(closing);
    return runOperation({ ...context, url: '' }, operation, given);
  };
  const { clock, faults, ...methods } = createMethods(call);
  return {
    ...methods,
    clock: Object.freeze({ now: () => new Date(state.clock.now()), ...clock }),
    faults: Object.freeze({
      ...faults,
      async add(fault) {
        const { id } = (await call(operations.get('faults.add') as never, fault)) as { id: string };
        const active = state.faults.find(id);
        return Object.freeze({
          id,
          get hits() {
            return active?.hits ?? 0;
          },
          async remove() {
            state.faults.remove(id);
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
