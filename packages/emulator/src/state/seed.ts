import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import * as v from 'valibot';
import type { CredentialKind, Role } from '../storage/credential.ts';
import {
  clientId,
  clientSecret,
  credentialEntries,
  DEFAULT_CLIENT_ID,
  DEFAULT_REALM,
  described,
  FIRST_USERNAME,
  isObject,
  object,
  realm,
  roles,
  rolesFitKind,
  string,
} from './schemas.ts';
import { invalid, shown, validate } from './validate.ts';

/** The data of an emulator at its start, in addition to the default credential and the first portal account. */
export interface EmulatorSeed {
  readonly credentials?: readonly SeedCredential[];
  readonly portalUsers?: readonly SeedPortalUser[];
  /** The entries of `/customers`. @default three samples in the default realm */
  readonly customers?: readonly SeedCustomer[];
}

/** A credential of a seed. */
export interface SeedCredential {
  readonly clientId: string;
  /** `null`: no secret is valid until the credential is rotated. */
  readonly clientSecret: string | null;
  /** At least one. */
  readonly roles: readonly Role[];
  /** @default "local", the realm of the default credential */
  readonly realm?: string;
  /** @default "api" */
  readonly kind?: CredentialKind;
  /** A label that the portal shows. */
  readonly name?: string;
}

/** A portal user of a seed. */
export interface SeedPortalUser {
  readonly username: string;
  /** 1 to 1,000 characters; `null`: no password is valid until an admin sets one. */
  readonly password: string | null;
  /** At least one. */
  readonly roles: readonly Role[];
}

/** An entry of `/customers`. Further members are kept. */
export interface SeedCustomer {
  /** @default a random UUID */
  readonly id?: string;
  /** 1 to 200 characters. */
  readonly name: string;
  /** @default "local", the realm of the default credential */
  readonly realm?: string;
  readonly [member: string]: unknown;
}

/** The schemas of the name and password of a portal user. */
export const username = string(200);
export const password = string(1_000);

/** Excludes the id of a built-in account. */
function except(schema: v.GenericSchema<string, string>, id: string, label: string) {
  return v.pipe(
    schema,
    v.notValue(id, `is the ${label}, which always exists; choose another one`),
    v.metadata({ not: { const: id } }),
  );
}

const credential = rolesFitKind(
  object({
    clientId: described('The client id', except(clientId, DEFAULT_CLIENT_ID, 'client id of the default credential')),
    clientSecret: described('null: no secret is valid until the credential is rotated', v.nullable(clientSecret)),
    ...credentialEntries,
  }),
);

const portalUser = object({
  username: except(username, FIRST_USERNAME, 'user name of the first account'),
  password: described('null: no password is valid until an admin sets one', v.nullable(password)),
  roles,
});

const customerName = string(200);

const jsonObject = v.pipe(
  v.custom<object>(isObject, 'must be an object'),
  v.custom<object>(isJson, 'must contain only values that JSON can represent, in at most 100 levels'),
);

const customer = v.pipe(
  jsonObject,
  v.looseObject({
    id: described('The id (default: a random UUID)', v.optional(string(100))),
    name: customerName,
    realm: v.optional(realm, DEFAULT_REALM),
  }),
);

/** The schema of the body of `POST /customers`. */
export const newCustomer = v.pipe(
  jsonObject,
  v.looseObject({
    id: v.optional(v.never('is chosen by the server; leave it out')),
    name: customerName,
    realm: v.optional(v.never('is the realm of the access token; leave it out')),
  }),
);

/** The schema of a seed. */
export const seedSchema = v.pipe(
  object({
    $schema: described('The path of this schema, for editors', v.optional(v.string())),
    credentials: v.optional(v.array(credential), []),
    portalUsers: v.optional(v.array(portalUser), []),
    customers: described(
      'The entries of /customers (default: three samples in the default realm)',
      v.optional(v.array(customer)),
    ),
  }),
  v.title('Seed of the instellix emulator'),
  v.description('The data of an emulator at its start, in addition to the default credential and first account.'),
);

/** A validated seed, with its defaults. */
export type CheckedSeed = v.InferOutput<typeof seedSchema>;

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined && isNestedAtMost(value, 100);
  } catch {
    return false;
  }
}

function isNestedAtMost(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((member) => isNestedAtMost(member, levels - 1));
}

/** A larger file is not a seed, and a device such as /dev/zero never ends. */
const MAX_BYTES = 64 * 1_024 * 1_024;

/**
 * Reads a seed from an object or from the path of a JSON file.
 *
 * @throws InvalidInput that names the field and the fix.
 */
export async function readSeed(value: unknown): Promise<CheckedSeed> {
  const seed = validate(seedSchema, typeof value === 'string' ? await readSeedFile(value) : value, 'seed');
  const { credentials, portalUsers, customers = [] } = seed;
  const clientIds = credentials.map(({ clientId }) => clientId);
  const usernames = portalUsers.map(({ username }) => username);
  const ids = customers.map(({ realm, id }) => id && `${realm}/${id}`);
  requireUnique(clientIds, 'credentials', 'clientId');
  requireUnique(usernames, 'portalUsers', 'username');
  requireUnique(ids, 'customers', 'id');
  return seed;
}

async function readSeedFile(path: string): Promise<unknown> {
  // This is the seed itself. The message must not quote it, because it may contain secrets.
  if (/^\s*[{[]/.test(path)) throw invalid('seed', 'is a JSON string; give the path of a JSON file, or an object');
  let bytes: Buffer;
  try {
    bytes = await buffer(createReadStream(path, { end: MAX_BYTES }));
  } catch {
    throw invalid('seed', `${shown(path)} cannot be read; give the path of a JSON file, or the seed as an object`);
  }
  if (bytes.length > MAX_BYTES) {
    throw invalid('seed', `${shown(path)} is larger than 64 MiB; give the path of a smaller JSON file`);
  }
  try {
    return JSON.parse(bytes.toString());
  } catch {
    // No cause: it would quote the file, which may contain secrets.
    throw invalid('seed', `${shown(path)} is not valid JSON; correct it, or export one with "seed export"`);
  }
}

function requireUnique(values: readonly (string | undefined)[], list: string, field: string): void {
  const earlier = new Set<string | undefined>();
  for (const [index, value] of values.entries()) {
    if (value !== undefined && earlier.has(value))
      throw invalid(`seed.${list}[${index}].${field}`, 'is the same as in an earlier entry; choose another one');
    earlier.add(value);
  }
}
