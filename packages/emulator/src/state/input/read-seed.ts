import { createReadStream } from 'node:fs';
import { DEFAULT_CLIENT_ID } from '../default-credential.ts';
import type { SeedCredential, SeedCustomer, SeedPortalUser } from '../emulator-seed.ts';
import { FIRST_USERNAME } from '../first-account.ts';
import { type CredentialKind, readRoles } from '../role.ts';
import { invalid, shown } from './invalid.ts';
import { readChoice } from './read-choice.ts';
import { readClientId, readClientSecret } from './read-client-id.ts';
import { readList } from './read-list.ts';
import { isPlainObject, readObject } from './read-object.ts';
import { readText } from './read-text.ts';
import { DEFAULT_REALM, readRealm } from './realm.ts';

/** A seed that is known to make sense, with its defaults filled in. */
export interface CheckedSeed {
  readonly credentials: readonly Required<Omit<SeedCredential, 'name'>>[] & readonly Pick<SeedCredential, 'name'>[];
  readonly portalUsers: readonly SeedPortalUser[];
  readonly customers: readonly (SeedCustomer & { readonly realm: string })[] | undefined;
}

/**
 * Reads a seed, given as an object or as the path of a JSON file.
 *
 * @throws Error that names the field and the fix.
 */
export async function readSeed(value: unknown, where: string): Promise<CheckedSeed> {
  const given = typeof value === 'string' ? await readSeedFile(value, where) : value;
  const seed = readObject(given, where, ['credentials', 'portalUsers', 'customers', '$schema']);
  const { credentials = [], portalUsers = [], customers } = seed;
  const checked: CheckedSeed = {
    credentials: readList(credentials, `${where}.credentials`, readSeedCredential),
    portalUsers: readList(portalUsers, `${where}.portalUsers`, readPortalUser),
    customers: customers === undefined ? undefined : readList(customers, `${where}.customers`, readCustomer),
  };
  checkUnique(
    checked.credentials.map(({ clientId }) => clientId),
    `${where}.credentials`,
    'clientId',
  );
  checkUnique(
    checked.portalUsers.map(({ username }) => username),
    `${where}.portalUsers`,
    'username',
  );
  checkUnique(
    (checked.customers ?? []).map(({ realm, id }) => (id === undefined ? undefined : `${realm}/${id}`)),
    `${where}.customers`,
    'id',
  );
  return checked;
}

/** No seed is that large: what is has been given by mistake, and may never end. */
const MOST_BYTES = 64 * 1_024 * 1_024;

async function readSeedFile(path: string, where: string): Promise<unknown> {
  // Not a path, but the seed itself, secrets included.
  if (/^\s*[{[]/.test(path))
    throw invalid(where, 'must be the path of a JSON file, or an object; not JSON as a string');
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of createReadStream(path, { end: MOST_BYTES })) chunks.push(chunk);
  } catch {
    throw invalid(
      where,
      `${shown(path)} cannot be read; give the path of a readable JSON file, or the seed as an object`,
    );
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.length > MOST_BYTES)
    throw invalid(where, `${shown(path)} is larger than 64 MiB; give the path of a seed, which is a JSON file`);
  try {
    return JSON.parse(bytes.toString());
  } catch {
    // The cause quotes the file, secrets included.
    throw invalid(where, `${shown(path)} is not JSON`);
  }
}

function readSeedCredential(value: unknown, where: string): CheckedSeed['credentials'][number] {
  const given = readObject(value, where, ['clientId', 'clientSecret', 'roles', 'realm', 'kind', 'name']);
  const { realm = DEFAULT_REALM, name } = given;
  const kind: CredentialKind = readChoice(given['kind'] ?? 'api', `${where}.kind`, ['api', 'portal']);
  const clientId = readClientId(given['clientId'], `${where}.clientId`);
  if (clientId === DEFAULT_CLIENT_ID)
    throw invalid(`${where}.clientId`, 'is that of the default credential; choose another');
  return {
    clientId,
    clientSecret:
      given['clientSecret'] === null ? null : readClientSecret(given['clientSecret'], `${where}.clientSecret`),
    roles: readRoles(given['roles'], `${where}.roles`, kind),
    realm: readRealm(realm, `${where}.realm`),
    kind,
    ...(name !== undefined && { name: readText(name, `${where}.name`, 200) }),
  };
}

function readPortalUser(value: unknown, where: string): SeedPortalUser {
  const given = readObject(value, where, ['username', 'password', 'roles']);
  const username = readText(given['username'], `${where}.username`, 200);
  if (username === FIRST_USERNAME) throw invalid(`${where}.username`, 'is that of the first account; choose another');
  const password = given['password'] === null ? null : readText(given['password'], `${where}.password`, 1_000);
  return { username, password, roles: readRoles(given['roles'], `${where}.roles`, 'portal') };
}

function readCustomer(value: unknown, where: string): SeedCustomer & { readonly realm: string } {
  if (!isPlainObject(value)) throw invalid(where, 'must be an object');
  const { id, realm = DEFAULT_REALM } = value;
  const name = readText(value['name'], `${where}.name`, 200);
  const known = { name, realm: readRealm(realm, `${where}.realm`) };
  if (!isJson(value)) throw invalid(where, 'must hold nothing but JSON');
  return { ...value, ...known, ...(id !== undefined && { id: readText(id, `${where}.id`, 100) }) };
}

function isJson(value: object): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}

function checkUnique(values: readonly (string | undefined)[], where: string, field: string): void {
  const index = values.findIndex((value, place) => value !== undefined && values.indexOf(value) !== place);
  if (index >= 0) throw invalid(`${where}[${index}].${field}`, 'is taken by an entry before it; choose another');
}
