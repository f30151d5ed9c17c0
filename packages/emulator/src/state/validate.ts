import * as v from 'valibot';

/** An Error that the user of the emulator can fix by asking for something else. */
export class InvalidInput extends Error {
  /** The argument, such as `roles[0]`; empty when all of them together are wrong. */
  readonly argument: string;
  readonly problem: string;

  constructor(argument: string, problem: string, operation = '') {
    super([operation, argument, problem].filter((part) => part !== '').join(': '));
    this.argument = argument;
    this.problem = problem;
  }
}

/** The Error for an argument that cannot be used. Its value only goes into the message where it cannot be a secret. */
export function invalid(argument: string, problem: string): InvalidInput {
  return new InvalidInput(argument, problem);
}

/** A value for a message, where it cannot be a secret: a path, a flag, a role. */
export function shown(value: string): string {
  return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
}

/**
 * Returns `value` as the schema describes it, with defaults.
 *
 * @param argument what the value is called in the message, before the names of its members.
 * @param whole what it is called when all of it is wrong.
 * @throws InvalidInput that names the first argument which is wrong.
 */
export function validate<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  argument = '',
  whole = argument,
): v.InferOutput<Schema> {
  const { success, output, issues } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  const [issue] = issues;
  // An unknown field is a problem of the object that has it.
  const isUnknownField = issue.type === 'strict_object' && issue.expected === 'never';
  const path = issue.path?.slice(0, isUnknownField ? -1 : undefined) ?? [];
  const names = path.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`));
  throw invalid(names.length === 0 ? whole : (argument + names.join('')).replace(/^\./, ''), toProblem(issue));
}

/** Puts an issue into words. Valibot's own messages are not used: they repeat the value, which may be a secret. */
function toProblem({ type, message }: v.BaseIssue<unknown>): string {
  if (type === 'string') return 'must be a string';
  if (type === 'array') return 'must be an array';
  if (type === 'loose_object') return 'is missing';
  return message.startsWith('Invalid ') ? 'cannot be used' : message;
}
