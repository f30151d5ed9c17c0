import type * as v from 'valibot';
import type { EmulatorState } from '../state/emulator-state.ts';
import { entriesOf, type ObjectSchema, object } from '../state/schemas.ts';
import { InvalidInput, invalid, validate } from '../state/validate.ts';

/** What an operation works with. */
export interface OperationContext {
  readonly state: EmulatorState;
  /** Where the caller reaches the emulator, without a slash at the end. */
  readonly url: string;
  /** Goes back to the seed. */
  reset(): void;
}

/**
 * One thing that can be asked of an emulator. The methods of the interface, the paths below `/_emulator`, the OpenAPI
 * document and the commands of the command line all follow from it.
 */
export interface Operation<Arguments extends v.GenericSchema = ObjectSchema> {
  /** Group and verb, such as `credentials.rotate`. */
  readonly name: string;
  /** One sentence for documents and help. */
  readonly summary: string;
  readonly arguments: Arguments;
  /** The arguments that its method and its command take by position, before all others. */
  readonly positional?: readonly string[];
  /** What it results in. An empty object: the method returns nothing. */
  readonly result: ObjectSchema;
  /** The member of the result that the method returns; left out: the whole result; null: nothing. */
  readonly returns?: string | null;
  /** Whether it changes what the portal shows, and therefore is in the audit log. */
  readonly isAudited?: boolean;
  /** Whether it still works after `close()`. */
  readonly worksClosed?: boolean;
  run(context: OperationContext, given: v.InferOutput<Arguments>): object | Promise<object>;
}

/** Defines an operation, whose `run` gets its arguments as the schema describes them. */
export function operation<Arguments extends ObjectSchema>(definition: Operation<Arguments>): Operation {
  return definition as unknown as Operation;
}

/** Defines an operation without arguments and without a result. */
export function command(name: string, summary: string, change: (context: OperationContext) => void): Operation {
  const run = (context: OperationContext): object => {
    change(context);
    return {};
  };
  return { name, summary, arguments: object({}), result: object({}), isAudited: true, run };
}

/** Where an operation is over HTTP. */
export function pathOf({ name }: Operation): string {
  return `/_emulator/${name.replace('.', '/')}`;
}

/** Something that carries out operations: here, or over HTTP. */
export type Call = (operation: Operation, given: object) => Promise<object>;

/** Checks the arguments of an operation. @throws InvalidInput that names the operation and the argument. */
export function checkArguments(operation: Operation, given: unknown): object {
  return named(operation, () => validate(operation.arguments, given));
}

/** Carries out an operation. @throws InvalidInput that names the operation and the argument. */
export async function runOperation(context: OperationContext, operation: Operation, given: unknown): Promise<object> {
  const checked = checkArguments(operation, given);
  return named(operation, () => operation.run(context, checked));
}

function named<Result>({ name }: Operation, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof InvalidInput) throw new InvalidInput(error.argument, error.problem, name);
    throw error;
  }
}

type Method = (...parameters: readonly unknown[]) => Promise<unknown>;

/** The method of an operation, such as `rotate(clientId, { overlapMs })`. */
export function toMethod(operation: Operation, call: Call): Method {
  return async (...parameters) => {
    const result = await call(operation, toArguments(operation, parameters));
    const { returns } = operation;
    if (returns === null || Object.keys(entriesOf(operation.result)).length === 0) return undefined;
    return returns === undefined ? result : (result as Record<string, unknown>)[returns];
  };
}

function toArguments(operation: Operation, parameters: readonly unknown[]): object {
  const { positional = [] } = operation;
  const { [positional.length]: options = {} } = parameters;
  return named(operation, () => {
    if (typeof options !== 'object' || options === null) throw invalid('', 'must be an object');
    const members = positional.map((name, index) => [name, { value: parameters[index], enumerable: true }]);
    // On top of the options, not copied from them: their members are read by name, getters and prototypes included.
    return members.length === 0 ? options : Object.create(options, Object.fromEntries(members));
  });
}
