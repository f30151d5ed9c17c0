import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { operations } from '../../src/controls/operations.ts';
import { useEmulators } from '../wire/emulators.ts';
import { obtainToken } from '../wire/token-call.ts';

const start = useEmulators();
const ajv = new Ajv2020({ strict: true });

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } };
  readonly responses: Record<
    string,
    { readonly content?: { readonly 'application/json': { readonly schema: object } } }
  >;
}
type Document = { readonly paths: Record<string, { readonly get?: Operation; readonly post?: Operation }> };

async function readDocument(url: string): Promise<Document> {
  return (await (await fetch(`${url}/_emulator/openapi.json`)).json()) as Document;
}

const paths = operations.map(({ name }) => name.replace('.', '/'));

/** A request for every operation: documented requests must work, and responses must match the document. */
const examples: Record<string, object> = {
  describe: {},
  reset: {},
  'seed/export': {},
  'tokens/revokeAll': {},
  'tokens/expireAll': {},
  'clock/now': {},
  'clock/advance': { ms: 1 },
  'credentials/create': {
    roles: ['reader'],
    realm: 'other',
    kind: 'api',
    name: 'A',
    clientId: 'new',
    clientSecret: 's',
  },
  'credentials/rotate': { clientId: 'one', overlapMs: 60_000 },
  'credentials/deactivate': { clientId: 'one' },
  'credentials/reactivate': { clientId: 'one' },
  'credentials/revoke': { clientId: 'one' },
  'credentials/setRoles': { clientId: 'one', roles: ['none'] },
  'credentials/list': {},
  'faults/add': { on: 'token', nth: 1, times: 2, respond: { status: 503, headers: { 'retry-after': '1' }, body: '' } },
  'faults/list': {},
  'faults/remove': { id: 'fault-1' },
  'faults/clear': {},
  'requests/list': { endpoint: 'token', since: 0 },
  'requests/count': { status: 200 },
  'requests/waitFor': { filter: { reason: 'issued' }, count: 1, timeoutMs: 1_000 },
  'requests/follow': { after: 0, timeoutMs: 0 },
};

test('the document lists every route and no other', async () => {
  const { url } = await start();
  const known = paths;
  const { paths: items } = await readDocument(url);
  expect(Object.keys(examples).toSorted()).toEqual(paths.toSorted());
  const documented = Object.keys(items).filter((path) => path.startsWith('/_emulator/'));
  const routes = [...known, 'ready', 'openapi.json'].map((path) => `/_emulator/${path}`);
  expect(documented.toSorted()).toEqual(routes.toSorted());
  const ids = Object.values(items).flatMap(({ get, post }) => [get, post].flatMap((it) => it?.operationId ?? []));
  expect(new Set(ids).size).toBe(ids.length);
});

test.each([
  '/{realm}/oauth2/token',
  '/{realm}/oauth2/revoke',
  '/.well-known/oauth-authorization-server/{realm}',
  '/customers',
  '/some-resource',
])('%s supports exactly the documented methods', async (path) => {
  const { url } = await start();
  const item = (await readDocument(url)).paths[path] ?? {};
  for (const method of ['GET', 'POST', 'PUT'] as const) {
    const { status } = await fetch(`${url}${path.replace('{realm}', 'local')}`, { method });
    const operation = method === 'GET' ? item.get : method === 'POST' ? item.post : undefined;
    expect(status === 405).toBe(operation === undefined);
    if (operation !== undefined) expect(Object.keys(operation.responses)).toContain(String(status));
  }
});

describe('requests and responses match the document', () => {
  test.each(Object.entries(examples))('%s', async (path, example) => {
    const credential = { clientId: 'one', clientSecret: 's', roles: ['reader'] as const, name: 'One' };
    const portalUsers = [{ username: 'ada', password: null, roles: ['auditor'] as const }];
    const emulator = await start({ seed: { credentials: [credential], portalUsers } });
    await obtainToken(emulator);
    await fetch(`${emulator.url}/customers`);
    await emulator.credentials.rotate('one', { overlapMs: 1 });
    if (path !== 'faults/add') await emulator.faults.add({ on: 'GET /x', delayMs: 0 });
    const operation = (await readDocument(emulator.url)).paths[`/_emulator/${path}`]?.post;
    const request = ajv.compile(operation?.requestBody?.content['application/json'].schema ?? false);
    expect(request(example), ajv.errorsText(request.errors)).toBe(true);
    const init = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const response = await fetch(`${emulator.url}/_emulator/${path}`, { ...init, body: JSON.stringify(example) });
    expect(response.status).toBe(200);
    const schema = ajv.compile(operation?.responses['200']?.content?.['application/json'].schema ?? false);
    expect(schema(await response.json()), ajv.errorsText(schema.errors)).toBe(true);

    const absurd = { ...example, zzz: 1 };
    expect(request(absurd), 'an unknown field is documented as refused').toBe(false);
    const refused = await fetch(`${emulator.url}/_emulator/${path}`, { ...init, body: JSON.stringify(absurd) });
    expect(refused.status).toBe(400);
    const problem = ajv.compile(operation?.responses['400']?.content?.['application/json'].schema ?? false);
    expect(problem(await refused.json()), ajv.errorsText(problem.errors)).toBe(true);
  });
});
