import { createReadStream } from 'node:fs';
import * as v from 'valibot';
import type { CredentialKind, Role } from '../storage/credential.ts';
import {
  clientId,
  clientSecret,
  DEFAULT_CLIENT_ID,
  DEFAULT_REALM,
  FIRST_USERNAME,
  isObject,
  kind,
  object,
  ROLES_FIT_KIND,
  realm,
  roles,
  rolesFitKind,
  text,
} from './schemas.ts';
import { invalid, shown, validate } from './validate.ts';

/** What an emulator knows from its start on, beside the default credential and the first portal account. */
export interface EmulatorSeed {
  readonly credentials?: readonly SeedCredential[];
  readonly portalUsers?: readonly SeedPortalUser[];
  /**
   * The entries of `/customers`.
   *
   * @default three samples in the default realm
   */
  readonly customers?: readonly SeedCustomer[];
}

/** A credential of a seed. */
export interface SeedCredential {
  readonly clientId: string;
  /** `null`: none works until the credential is rotated. */
  readonly clientSecret: string | null;
  /** At least one. */
  readonly roles: readonly Role[];
  /** @default "local", the realm of the default credential */
  readonly realm?: string;
  /** @default "api" */
  readonly kind?: CredentialKind;
  /** A label for people. */
  readonly name?: string;
}

/** A user who may sign in to the portal. */
export interface SeedPortalUser {
  readonly username: string;
  /** 1 to 1,000 characters; `null`: none works until an admin sets one. */
  readonly password: string | null;
  /** At least one. */
  readonly roles: readonly Role[];
}

/** An entry of `/customers`; further members are kept. */
export interface SeedCustomer {
  /** @default a random one */
  readonly id?: string;
  /** 1 to 200 characters. */
  readonly name: string;
  /** @default "local", the realm of the default credential */
  readonly realm?: string;
  readonly [member: string]: unknown;
}

/** The name and password of a portal user, wherever they are set. */
export const username = text(200);
export const password = text(1_000);

/** Any but the id of a built-in account. */
function except(schema: v.GenericSchema<string, string>, id: string, account: string) {
  return v.pipe(
    schema,
    v.notValue(id, `is that of the ${account}; choose another`),
    v.metadata({ not: { const: id } }),
  );
}

const credential = v.pipe(
  object({
    clientId: v.pipe(except(clientId, DEFAULT_CLIENT_ID, 'default credential'), v.description('The client id')),
    clientSecret: v.pipe(v.nullable(clientSecret), v.description('null: none works until the credential is rotated')),
    roles,
    realm: v.pipe(v.optional(realm, DEFAULT_REALM), v.description('A realm exists from its first credential on')),
    kind: v.pipe(kind, v.description('Whether it is for the API or for the portal')),
    name: v.pipe(v.optional(text(200)), v.description('A label for people')),
  }),
  rolesFitKind(),
  v.metadata(ROLES_FIT_KIND),
);

const portalUser = object({
  username: except(username, FIRST_USERNAME, 'first account'),
  password: v.pipe(v.nullable(password), v.description('null: none works until an admin sets one')),
  roles,
});

const customer = v.pipe(
  v.custom<object>(isObject, 'must be an object'),
  v.custom<object>(isJson, 'must hold nothing but JSON'),
  v.looseObject({
    id: v.pipe(v.optional(text(100)), v.description('Left out: a random one')),
    name: text(200),
    realm: v.optional(realm, DEFAULT_REALM),
  }),
);

/** The schema of a seed. */
export const seedSchema = v.pipe(
  object({
    $schema: v.pipe(v.optional(v.string()), v.description('Where this schema is, for editors')),
    credentials: v.optional(v.array(credential), []),
    portalUsers: v.optional(v.array(portalUser), []),
    customers: v.pipe(v.optional(v.array(customer)), v.description('Left out: three samples in the default realm')),
  }),
  v.title('Seed of the instellix emulator'),
  v.description('What an emulator starts with, beside the default credential and the first portal account.'),
);

/** A seed with its defaults. */
export type CheckedSeed = v.InferOutput<typeof seedSchema>;

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}

/** No seed is that large; a larger file is a disk image, or one that never ends. */
const MAX_BYTES = 64 * 1_024 * 1_024;

/**
 * Reads a seed, given as an object or as the path of a JSON file.
 *
 * @throws InvalidInput that names the field and the fix.
 */
export async function readSeed(value: unknown): Promise<CheckedSeed> {
  const seed = validate(seedSchema, typeof value === 'string' ? await readSeedFile(value) : value, 'seed');
  const { credentials, portalUsers, customers = [] } = seed;
  const ids = customers.map(({ realm, id }) => id && `${realm}/${id}`);
  requireUnique(
    credentials.map(({ clientId }) => clientId),
    'credentials',
    'clientId',
  );
  requireUnique(
    portalUsers.map(({ username }) => username),
    'portalUsers',
    'username',
  );
  requireUnique(ids, 'customers', 'id');
  return seed;
}

async function readSeedFile(path: string): Promise<unknown> {
  // Not a path, but the seed itself, secrets included.
  if (/^\s*[{[]/.test(path))
    throw invalid('seed', 'must be the path of a JSON file, or an object; not JSON as a string');
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path, { end: MAX_BYTES })) chunks.push(chunk);
  } catch {
    const advice = 'give the path of a readable JSON file, or the seed as an object';
    throw invalid('seed', `${shown(path)} cannot be read; ${advice}`);
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length > MAX_BYTES) {
    throw invalid('seed', `${shown(path)} is larger than 64 MiB; give the path of a seed, which is a JSON file`);
  }
  try {
    return JSON.parse(bytes.toString());
  } catch {
    // The cause quotes the file, secrets included.
    throw invalid('seed', `${shown(path)} is not JSON`);
  }
}

function requireUnique(values: readonly (string | undefined)[], list: string, field: string): void {
  const index = values.findIndex((value, place) => value !== undefined && values.indexOf(value) !== place);
  if (index >= 0) throw invalid(`seed.${list}[${index}].${field}`, 'is taken by an entry before it; choose another');
}
