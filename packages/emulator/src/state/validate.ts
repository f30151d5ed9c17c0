import * as v from 'valibot';

/** An invalid argument. */
export class InvalidInput extends Error {
  /** The argument, such as `roles[0]`; empty when the arguments as a whole are invalid. */
  readonly argument: string;
  readonly problem: string;

  constructor(argument: string, problem: string, operation = '') {
    super([operation, argument, problem].filter((part) => part !== '').join(': '));
    this.argument = argument;
    this.problem = problem;
  }
}

/** Creates the error for an invalid argument. `problem` must not contain a value that may be a secret. */
export function invalid(argument: string, problem: string): InvalidInput {
  return new InvalidInput(argument, problem);
}

/** Quotes a value in a message. Use it only for values that cannot be secrets: paths, flags, roles. */
export function shown(value: string): string {
  return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
}

/**
 * Validates `value` and returns the output of the schema.
 *
 * @param argument the name of the value in the message, before the names of its members.
 * @param whole its name when the value as a whole is invalid.
 * @throws InvalidInput that names the first invalid member.
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

/** Returns the message of an issue. Valibot's own messages quote the value, which may be a secret. */
function toProblem({ type, message }: v.BaseIssue<unknown>): string {
  if (!message.startsWith('Invalid ')) return message;
  const problems: Readonly<Record<string, string>> = {
    string: 'must be a string',
    array: 'must be an array',
    loose_object: 'is missing',
  };
  return problems[type] ?? 'is invalid';
}
