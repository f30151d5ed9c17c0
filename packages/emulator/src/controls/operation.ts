import type * as v from 'valibot';
import type { EmulatorState } from '../state/emulator-state.ts';
import { entriesOf, type ObjectSchema, object } from '../state/schemas.ts';
import { InvalidInput, invalid, validate } from '../state/validate.ts';

/** The emulator that an operation runs on. */
export interface OperationContext {
  readonly state: EmulatorState;
  /** The base URL as the caller sees it, without a trailing slash. */
  readonly url: string;
}

/**
 * One operation of an emulator. The methods of the interface, the paths below `/_emulator`, the OpenAPI document and
 * the commands of the command line are derived from it.
 */
export interface Operation<Arguments extends v.GenericSchema = ObjectSchema> {
  /** Group and verb, such as `credentials.rotate`. */
  readonly name: string;
  /** One sentence for the OpenAPI document and `--help`. */
  readonly summary: string;
  readonly arguments: Arguments;
  /** The arguments that its method and its command take by position, before the others. */
  readonly positional?: readonly string[];
  /** The result. When it is an empty object, the method returns nothing. */
  readonly result: ObjectSchema;
  /** The member of the result that the method returns; `undefined`: the whole result; `null`: nothing. */
  readonly returns?: string | null;
  /** Whether the audit log records it, because it changes what the portal shows. */
  readonly isAudited?: boolean;
  /** Verb and sentence of its command, if that calls the operation until it is stopped. Other commands call it once. */
  readonly repeatedAs?: { readonly verb: string; readonly summary: string };
  /** Whether it still works after `close()`. */
  readonly worksClosed?: boolean;
  run(context: OperationContext, given: v.InferOutput<Arguments>): object | Promise<object>;
}

/** Defines an operation. Its `run` receives the arguments as the schema returns them. */
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

/** Returns the path of an operation over HTTP. */
export function pathOf({ name }: Operation): string {
  return `/_emulator/${name.replace('.', '/')}`;
}

/** Runs an operation in this process or over HTTP. */
export type Call = (operation: Operation, given: object) => Promise<object>;

/** Validates the arguments of an operation. @throws InvalidInput that names the operation and the argument. */
export function checkArguments(operation: Operation, given: unknown): object {
  return named(operation, () => validate(operation.arguments, given));
}

/** Validates the arguments of an operation and runs it. @throws InvalidInput like `checkArguments`. */
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

/** Creates the method of an operation, such as `rotate(clientId, { overlapMs })`. */
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
    // The options become the prototype, not a copy: getters and inherited members must keep working.
    return members.length === 0 ? options : Object.create(options, Object.fromEntries(members));
  });
}
