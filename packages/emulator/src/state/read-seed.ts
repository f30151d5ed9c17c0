import { createReadStream } from 'node:fs';
import { type CheckedSeed, seedSchema } from './seed.ts';
import { invalid, shown, validate } from './validate.ts';

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
