import { InvalidArgumentError, Option } from 'commander';
import * as v from 'valibot';
import { entriesOf, type ObjectSchema, UNIT_MS } from '../state/schemas.ts';
import { InvalidInput } from '../state/validate.ts';

/** The environment variable that holds the `adminToken`. */
export const TOKEN_VARIABLE = 'INSTELLIX_EMULATOR_TOKEN';

/** A command line that cannot be understood: exit status 2. */
export class UsageError extends Error {}

/** A flag, and the argument that it sets. */
export interface Flag {
  /** Such as `--overlap`. */
  readonly name: string;
  /** The path of the argument, such as `['respond', 'status']`. */
  readonly path: readonly string[];
  readonly option: Option;
}

/** These have no flag, because every process can read a command line. */
const SECRETS = ['clientSecret', 'adminToken'];

/** Creates a flag for each member of a schema and of its nested objects, except for positional and secret ones. */
export function toFlags(schema: ObjectSchema, positional: readonly string[] = []): Flag[] {
  return Object.entries(entriesOf(schema)).flatMap(([name, entry]) => {
    if (positional.includes(name) || SECRETS.includes(name)) return [];
    const { schema } = unwrap(entry);
    if (Object.keys(entriesOf(schema)).length === 0) return [toFlag(name, entry)];
    return toFlags(schema as ObjectSchema).map((flag) => {
      flag.option.mandatory = false;
      return { ...flag, path: [name, ...flag.path] };
    });
  });
}

function toFlag(name: string, entry: v.GenericSchema): Flag {
  const { type, isOptional, description = '', fallback } = unwrap(entry);
  const isList = type === 'array' || type === 'object';
  const flag = `--${toKebab(isList ? name.replace(/s$/, '') : name.replace(/(?:Ms|Seconds)$/, ''))}`;
  const value = isDuration(name) ? 'duration' : isList ? flag.slice(2) : 'value';
  const note = isList ? ' (repeatable)' : fallback === undefined ? '' : ` (default: ${fallback})`;
  const option = new Option(`${flag} <${value}>`, `${description}${note}`);
  option.makeOptionMandatory(!isOptional);
  option.argParser((given: string, before: unknown) => {
    if (type === 'array') return [...((before as string[] | undefined) ?? []), given];
    if (type === 'object') return { ...(before as object | undefined), ...readHeader(given) };
    return readWord(name, entry, given);
  });
  return { name: flag, path: [name], option };
}

/** Parses the string for an argument. The schema checks its value. */
export function readWord(name: string, entry: v.GenericSchema, given: string): unknown {
  if (isDuration(name)) return readDuration(given, name.endsWith('Seconds'));
  const { type } = unwrap(entry);
  if (type === 'number' && !/^-?\d+$/.test(given)) throw new InvalidArgumentError('It must be a whole number.');
  // An instant is epoch ms or a date.
  return type === 'number' || (type === 'instant' && /^\d+$/.test(given)) ? Number(given) : given;
}

function isDuration(name: string): boolean {
  return /(?:^ms|Ms|Seconds)$/.test(name);
}

/** A bare number has the unit of the argument. */
function readDuration(given: string, inSeconds: boolean): number {
  const [, digits, unit = inSeconds ? 's' : 'ms'] = given.match(/^(\d{1,12})(ms|s|m|h|d)?$/) ?? [];
  const factor = UNIT_MS[unit];
  if (digits === undefined || factor === undefined) {
    throw new InvalidArgumentError('It must be a duration, such as 90s, 5m or 1h.');
  }
  return (Number(digits) * factor) / (inSeconds ? 1_000 : 1);
}

function readHeader(line: string): Record<string, string> {
  const colon = line.indexOf(':');
  if (colon < 1) throw new InvalidArgumentError("It must be a header, such as 'Retry-After: 1'.");
  return { [line.slice(0, colon).trim()]: line.slice(colon + 1).trim() };
}

/** Collects the arguments from the flags that were given. */
export function readFlags(flags: readonly Flag[], values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const { path, option } of flags) {
    const value = values[option.attributeName()];
    const [name = '', member] = path;
    if (value === undefined) continue;
    given[name] = member === undefined ? value : { ...(given[name] as object | undefined), [member]: value };
  }
  return given;
}

/** Returns the message of an error, with the names of flags instead of those of arguments. */
export function toFlagMessage(error: unknown, flags: readonly Pick<Flag, 'name' | 'path'>[], operation = ''): string {
  const { message } = error as Error;
  const whole = error instanceof InvalidInput && error.argument === '' ? error.problem : message;
  const plain = whole.startsWith(`${operation}: `) ? whole.slice(operation.length + 2) : whole;
  for (const { name, path } of flags.toSorted((left, right) => right.path.length - left.path.length)) {
    const argument = path.join('.');
    const rest = plain.startsWith(argument) ? plain.slice(argument.length) : '';
    if (/^[:.[]/.test(rest)) return name + rest.replace(/^\[\d+\](?=:)/, '').replace(/^\./, ': ');
  }
  return plain;
}

/** Returns the name of an argument on the command line. */
export function toKebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** A schema without `v.optional`, and its type: `instant`, `object`, or that of JSON. */
export interface Unwrapped {
  readonly schema: v.GenericSchema;
  readonly type: string;
  readonly isOptional: boolean;
  readonly description: string | undefined;
  readonly fallback?: unknown;
}

/** Returns what the command line needs to know about a schema. */
export function unwrap(schema: v.GenericSchema): Unwrapped {
  const description = v.getDescription(schema as never);
  if (schema.type === 'optional') {
    const { wrapped, default: fallback } = schema as unknown as { wrapped: v.GenericSchema; default: unknown };
    const inner = unwrap(wrapped);
    return { ...inner, isOptional: true, description: description ?? inner.description, fallback };
  }
  const { type: jsonType, title } = v.getMetadata(schema as never) as { type?: string; title?: string };
  const isObject = Object.keys(entriesOf(schema)).length > 0;
  const type = isObject ? 'object' : title === 'instant' ? title : (jsonType ?? schema.type);
  return { schema, type, isOptional: false, description };
}
