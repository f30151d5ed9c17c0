import { types } from 'node:util';
import * as v from 'valibot';
import { ALL_ROLES, API_ROLES, type CredentialKind, type Role } from '../storage/credential.ts';
import { shown } from './validate.ts';

/** The realm of the default credential. */
export const DEFAULT_REALM = 'local';
/** The client id of the default credential. */
export const DEFAULT_CLIENT_ID = 'local-client';
/** The user name of the first portal account (F12), which may create credentials for API and portal. */
export const FIRST_USERNAME = 'admin';
/** The maximum delay of `setTimeout`, in ms. */
export const MAX_TIMER_MS = 2_147_483_647;
/** The units of a duration, in milliseconds. */
export const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** The first instant of the year 10000. A Date can hold later ones, so that the clock can still be advanced. */
const END = 253_402_300_800_000;
const ISO_DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** Valibot's `strictObject` accepts arrays and functions as well. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object with only these members. They are read by name, so that any kind of object is accepted. */
export function object<const Entries extends v.ObjectEntries>(entries: Entries) {
  const problem = ({ expected, path }: v.StrictObjectIssue): string =>
    expected === 'never'
      ? `has an unknown field ${shown(String(path?.at(-1)?.key))}; known fields are ${Object.keys(entries).join(', ')}`
      : 'is missing';
  return v.pipe(v.custom<object>(isObject, 'must be an object'), v.strictObject(entries, problem));
}

/** A schema that `object` returns. */
export type ObjectSchema = v.GenericSchema<object, object>;

/** The members of a schema that `object` returns, also with further checks. */
export function entriesOf(schema: v.GenericSchema): Readonly<Record<string, v.GenericSchema>> {
  if ('entries' in schema) return schema.entries as Readonly<Record<string, v.GenericSchema>>;
  const parts = ('pipe' in schema ? schema.pipe : [schema]) as readonly v.GenericSchema[];
  const part = parts.find((part) => part !== schema && ('entries' in part || 'pipe' in part));
  return part === undefined ? {} : entriesOf(part);
}

/** A schema with a description for the OpenAPI document and `--help`. */
export function described<Schema extends v.GenericSchema>(description: string, schema: Schema) {
  return v.pipe(schema, v.description<v.InferOutput<Schema>, string>(description));
}

/** A string of 1 to `max` characters, without control characters, and not only whitespace. */
export function string(max: number) {
  return v.pipe(
    v.string(),
    v.maxLength(max, `must not be longer than ${max} characters`),
    v.regex(/^(?=.*\S)[^\p{Cc}\p{Cs}]*$/su, ({ input }) =>
      input.trim() === ''
        ? 'must not be empty or only whitespace'
        : 'must not contain control characters such as line breaks, or lone surrogates',
    ),
  );
}

/** A whole number. */
export function integer(min: number, max: number) {
  const problem = ({ input }: v.BaseIssue<unknown>): string =>
    `must be a whole number from ${min} to ${max}${typeof input === 'number' ? `, not ${input}` : ''}`;
  return v.pipe(v.number(problem), v.integer(problem), v.minValue(min, problem), v.maxValue(max, problem));
}

/** One of these strings. */
export function choice<const Choices extends readonly string[]>(...choices: Choices) {
  return v.picklist(choices, `must be one of ${choices.join(', ')}`);
}

export const clientId = v.pipe(
  string(256),
  v.regex(/^[^:]*$/, 'must not contain a colon, because a colon ends the client id in a Basic header'),
  v.metadata({ allOf: [{ pattern: '^[^:]*$' }] }),
);
export const clientSecret = string(256);

const REALM = /^(?!(?:\.{1,2}|_emulator|portal)$)(?!\s)[^/\\]*(?<!\s)$/;
/** Any string that is one path segment when it is percent-encoded. */
export const realm = v.pipe(
  string(128),
  v.regex(REALM, ({ input }) => {
    if (/[/\\]/.test(input)) return 'must be one path segment, without a slash or backslash';
    if (input !== input.trim()) return 'must not begin or end with whitespace';
    return `must not be ${input}, because it cannot be a path segment or the emulator uses this path itself`;
  }),
  v.metadata({ allOf: [{ pattern: REALM.source }] }),
);

export const roles = v.pipe(
  v.array(
    v.picklist(
      ALL_ROLES,
      ({ input }) =>
        `must be one of ${ALL_ROLES.join(', ')}${typeof input === 'string' ? `, not ${shown(input)}` : ''}`,
    ),
  ),
  v.minLength(1, 'must have at least one role; ["none"] grants no scope'),
  v.check((list) => new Set(list).size === list.length, 'has the same role twice'),
  v.metadata({ uniqueItems: true }),
);

/** The members that credentials have in a seed and in `credentials.create()`. */
export const credentialEntries = {
  roles: described('A role of the credential', roles),
  realm: described('The realm; its first credential creates it', v.optional(realm, DEFAULT_REALM)),
  kind: described(
    'Whether the credential is for the API or for the portal',
    v.optional(choice('api', 'portal'), 'api'),
  ),
  name: described('A label that the portal shows', v.optional(string(200))),
};

/** The problem with roles that a credential of this kind cannot have. */
export function findMisplacedRole(kind: CredentialKind, roles: readonly Role[]): string | undefined {
  const misplaced = roles.find((role) => kind === 'api' && !API_ROLES.includes(role));
  return misplaced && `"${misplaced}" is a role of the portal; use kind "portal", or one of ${API_ROLES.join(', ')}`;
}

/** A credential whose `roles` are possible for its `kind`. */
export function rolesFitKind<Input, Output extends { readonly kind: CredentialKind; readonly roles: readonly Role[] }>(
  schema: v.GenericSchema<Input, Output>,
) {
  return v.pipe(
    schema,
    v.forward(
      v.check<Output, (issue: v.CheckIssue<Output>) => string>(
        ({ kind, roles }) => findMisplacedRole(kind, roles) === undefined,
        ({ input: { kind, roles } }) => findMisplacedRole(kind, roles) ?? '',
      ),
      // The compiler does not know the paths of a type parameter.
      ['roles'] as never,
    ),
    // The same check as JSON Schema. Without `kind`, a credential is one of the API.
    v.metadata({
      anyOf: [
        { type: 'object', properties: { kind: { const: 'portal' } }, required: ['kind'] },
        { type: 'object', properties: { roles: { type: 'array', items: { enum: API_ROLES } } } },
      ],
    }),
  );
}

/** An instant; the output is epoch ms. The command line recognises it by its title. */
export const instant = v.pipe(
  v.custom<Date | string | number>(
    (value) => toInstant(value) !== undefined,
    'must be a Date, an ISO 8601 date such as "2026-01-31T12:00:00Z", or epoch ms, from 1970 to 9999',
  ),
  v.transform((value) => toInstant(value) ?? 0),
  v.metadata({ title: 'instant', anyOf: [{ type: 'integer', minimum: 0 }, { type: 'string' }] }),
);

function toInstant(value: unknown): number | undefined {
  const isDate = types.isDate(value) || (typeof value === 'string' && ISO_DATE.test(value));
  const instant = isDate ? new Date(value as string).getTime() : value;
  const isKnown = typeof instant === 'number' && instant >= 0 && instant < END;
  return isKnown ? Math.floor(instant) : undefined;
}
