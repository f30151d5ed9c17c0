import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { useEmulators } from '../wire/emulators.ts';
import { sendRaw } from '../wire/send-raw.ts';
import { callToken } from '../wire/token-call.ts';
import { outputOf, PortalClient, signedIn } from './portal-client.ts';

const start = useEmulators();
const page = '/portal/credential?id=local-client';
const rotate = { id: 'local-client', overlapMs: '0' };

describe('CSRF', () => {
  const forgeries: [title: string, form: (own: string, foreign: string) => string | undefined, status: number][] = [
    ['without a token', () => undefined, 403],
    ['with an empty token', () => '', 403],
    ['with a token of another session', (_own, foreign) => foreign, 403],
    ['with a token whose signature was changed', (own) => `${own.slice(0, -1)}${own.endsWith('A') ? 'B' : 'A'}`, 403],
    ['with a made-up nonce', (own) => `x${own}`, 403],
  ];
  test.each(forgeries)('a form %s changes nothing', async (_title, forge, status) => {
    const emulator = await start();
    const client = await signedIn(emulator);
    const foreign = await (await signedIn(emulator)).tokenOf(page);
    const token = forge(await client.tokenOf(page), foreign);
    const response = await client.post('/portal/credential/rotate', {
      ...rotate,
      ...(token !== undefined && { form: token }),
    });
    expect(response.status).toBe(status);
    expect((await callToken(emulator)).status, 'the secret still works').toBe(200);
    expect((await client.get('/portal/audit-log')).text).toContain('forged form');
  });

  test.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('a form from another origin changes nothing, even with a good token: %j', async (headers) => {
    const emulator = await start();
    const client = await signedIn(emulator);
    expect((await client.post('/portal/credential/rotate', rotate, { page, headers })).status).toBe(403);
    expect((await client.post('/portal/sign-in', { ...emulator.portal }, { headers })).status).toBe(403);
    expect((await callToken(emulator)).status).toBe(200);
    expect((await client.get('/portal/audit-log')).text).toContain('origin_not_allowed');
  });

  test('a form that is sent twice creates one credential', async () => {
    const emulator = await start();
    const client = await signedIn(emulator);
    const form = await client.tokenOf('/portal/credentials/new');
    const fields = { form, kind: 'api', roles: 'reader' };
    const responses = [
      await client.post('/portal/credentials', fields),
      await client.post('/portal/credentials', fields),
    ];
    expect(responses.map(({ status }) => status)).toEqual([201, 409]);
    expect(await emulator.credentials.list()).toHaveLength(2);
  });

  test('no GET changes anything', async () => {
    const emulator = await start();
    const client = await signedIn(emulator);
    for (const act of ['rotate', 'deactivate', 'delete', 'roles']) {
      await client.get(`/portal/credential/${act}?id=local-client&overlapMs=0&roles=none`);
    }
    expect(await emulator.credentials.list()).toMatchObject([{ status: 'active', roles: ['reader', 'writer'] }]);
  });
});

describe('XSS and injection', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)",
    '</title><script>alert(1)</script>',
    'javascript:alert(1)',
    "'; DROP TABLE credentials; --",
    '" OR "1"="1',
    '{{7*7}}<%= 7*7 %>',
  ];

  test('escapes stored values on every page and in every field', async () => {
    const emulator = await start();
    const client = await signedIn(emulator);
    for (const [index, text] of hostile.entries()) {
      const name = `${index}${text}`;
      const clientId = name.replaceAll(':', '.');
      const fields = {
        kind: 'portal',
        roles: ['admin', 'none'],
        name,
        realm: name.replaceAll(/[/\\]/g, '|'),
        clientId,
      };
      const { status } = await client.post('/portal/credentials', fields, { page: '/portal/credentials/new' });
      expect(status, text).toBe(201);
      expect(
        (await client.post('/portal/users', { username: `u${name}`, roles: 'none' }, { page: '/portal/users/new' }))
          .status,
      ).toBe(201);
      const { text: own } = await client.get(`/portal/credential?id=${encodeURIComponent(clientId)}`);
      const { text: user } = await client.get(`/portal/user?name=${encodeURIComponent(`u${name}`)}`);
      for (const html of [own, user]) expect(findMarkup(html)).toEqual([]);
      const { text: refused } = await client.post(
        '/portal/credentials',
        { ...fields, kind: text },
        { page: '/portal/credentials/new' },
      );
      expect(findMarkup(refused)).toEqual([]);
    }
    for (const path of ['credentials', 'users', 'audit-log', 'tokens', 'console', 'roles', 'account']) {
      expect(findMarkup((await client.get(`/portal/${path}`)).text), path).toEqual([]);
    }
    expect(await emulator.credentials.list()).toHaveLength(hostile.length + 1);
  });

  test('headers cannot be injected, and the policy allows no scripts', async () => {
    const emulator = await start();
    const client = await signedIn(emulator);
    const response = await client.get('/portal/sign-in?why=%0d%0aSet-Cookie:%20x=1');
    expect(response.headers.get('set-cookie')).toBeNull();
    for (const path of ['/portal/account', '/portal/style.css', '/portal/nothing', '/portal']) {
      const { headers } = await client.get(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/default-src 'none'.*form-action 'self'.*base-uri 'none'.*frame-ancestors 'none'/);
      expect(policy).not.toMatch(/script-src|unsafe|data:|\*/);
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
    }
  });

  function findMarkup(html: string): string[] {
    // Quotes in text are escaped, so that a quoted string is the value of an attribute.
    const withoutValues = html.replaceAll(/"[^"]*"/g, '""');
    const tags = withoutValues.match(/<[^>]*\s(?:on\w+|style)=|<script|<img/gi) ?? [];
    const links = html.match(/(?:href|action)="(?!\/portal|#main)[^"]*"/g) ?? [];
    const titles = html.match(/<title>/g)?.length === 1 ? [] : ['another title'];
    return [...tags, ...links, ...titles];
  }
});

describe('secrets', () => {
  test('are shown only in the response to the form', async () => {
    const emulator = await start();
    const client = await signedIn(emulator);
    const created = await client.post(
      '/portal/credentials',
      { kind: 'api', roles: 'reader', clientId: 'new' },
      { page: '/portal/credentials/new' },
    );
    const own = '/portal/credential?id=new';
    const rotated = await client.post('/portal/credential/rotate', { id: 'new', overlapMs: '60000' }, { page: own });
    const secrets = [outputOf(created, 'client-secret'), outputOf(rotated, 'client-secret')];
    for (const clientSecret of secrets) {
      expect((await callToken(emulator, { clientId: 'new', clientSecret })).status).toBe(200);
      await emulator.clock.advance(5_000);
    }
    const user = await client.post('/portal/users', { username: 'ada', roles: 'none' }, { page: '/portal/users/new' });
    const password = outputOf(user, 'new-password');
    await signedIn(emulator, { username: 'ada', password });
    const everywhere = [own, ...['credentials', 'users', 'user?name=ada', 'audit-log', 'tokens', 'console', 'account']];
    for (const path of everywhere) {
      const { text } = await client.get(path.startsWith('/') ? path : `/portal/${path}`);
      for (const secret of [...secrets, password]) expect(text).not.toContain(secret);
    }
    expect(JSON.stringify(await emulator.credentials.list())).not.toContain(secrets[0]);
  });
});

describe('invalid requests', () => {
  test('a wrong host, type, size, method or path gets an error page without a stack', async () => {
    const emulator = await start();
    const client = await signedIn(emulator);
    const { host } = new URL(emulator.url);
    const raw = async (head: string[]): Promise<string> =>
      (await sendRaw(emulator.url, head, '', { host: false })).statusLine.slice(9, 12);
    expect(await raw(['GET /portal/sign-in HTTP/1.1', 'Host: evil.example'])).toBe('421');
    expect(await raw(['GET /portal/sign-in HTTP/1.1', `Host: ${host}`])).toBe('200');
    const headers = { 'content-type': 'text/plain' };
    expect((await client.post('/portal/users', {}, { headers })).status).toBe(415);
    expect((await client.post('/portal/users', { username: 'x'.repeat(20_000) })).status).toBe(413);
    expect((await client.post('/portal/roles', {})).status).toBe(405);
    expect((await client.post('/portal/roles', {})).headers.get('allow')).toBe('GET');
    for (const path of ['/portal/nothing', '/portal/credential?id=nobody', '/portal/user', '/portal/__proto__']) {
      const { status, text } = await client.get(path);
      expect([status, /\.ts:|node:/.test(text)], path).toEqual([404, false]);
    }
  });

  test('invalid fields show a problem, and change nothing', async () => {
    const emulator = await start();
    const client = await signedIn(emulator);
    const cases: [path: string, fields: Record<string, string | string[]>, sentence: string][] = [
      ['credentials', { kind: 'api', roles: [] }, 'Roles must have at least one role'],
      ['credentials', { kind: 'api', roles: 'admin' }, 'is a role of the portal'],
      ['credentials', { kind: 'web', roles: 'reader' }, 'must be one of api, portal'],
      ['credentials', { kind: 'api', roles: 'reader', clientId: 'local-client' }, 'Client ID is the id of another'],
      ['credential/rotate', { id: 'local-client', overlapMs: '-1' }, 'must be a whole number from 0'],
      ['credential/rotate', { id: 'local-client' }, 'must be a whole number from 0'],
      ['credential/roles', { id: 'local-client', roles: 'auditor' }, 'is a role of the portal'],
      ['users', { username: '', roles: 'none' }, 'User name must not be empty'],
      ['users', { username: 'admin', roles: 'none' }, 'is the name of another user'],
      ['users', { username: 'local-client', roles: 'none' }, 'is the name of another user'],
      ['console/clock', { amount: '-5', unit: 'm' }, 'Amount must be a finite number, 0 or more'],
      ['console/clock', { unit: 'm' }, 'Amount must be a finite number'],
      ['console/clock', { amount: '5', unit: 'constructor' }, 'Amount must be a finite number'],
      ['console/fault', { on: 'token', status: 'x' }, 'Status must be a whole number from 200 to 599.'],
      ['console/fault', { on: 'token', delayMs: '-1' }, 'Delay must be a whole number from 0'],
      ['console/fault', { on: 'token', delayMs: '1', times: '0.5' }, 'Times must be a whole number from 1'],
      ['console/fault', { on: 'token', socket: 'x' }, 'Connection must be one of reset, hang, truncate'],
      ['console/fault', { on: 'token' }, 'Has no effect'],
      ['console/fault/remove', {}, 'Id must not be empty'],
      ['tokens/revoke', { id: '99' }, 'This token is no longer valid'],
      ['console/fault', { on: 'GET /portal', status: '500' }, 'must not be a path of the portal'],
    ];
    for (const [path, fields, sentence] of cases) {
      const { status, text } = await client.post(`/portal/${path}`, fields, { page });
      expect([status, text.includes('role="alert"')], `${path} ${JSON.stringify(fields)}`).toEqual([400, true]);
      expect(text).toContain(sentence);
    }
    expect(await emulator.credentials.list()).toHaveLength(1);
    expect(await emulator.faults.list()).toEqual([]);
  });

  test('incomplete forms do not delay other requests, and end with the emulator', async () => {
    const emulator = await start();
    const { hostname, port, host } = new URL(emulator.url);
    const sockets = Array.from({ length: 50 }, () => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => {});
      socket.write(`POST /portal/sign-in HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000\r\n`);
      socket.write('Content-Type: application/x-www-form-urlencoded\r\n\r\nusername=');
      return socket;
    });
    expect((await callToken(emulator)).status).toBe(200);
    await signedIn(emulator);
    const ended = Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    await emulator.close();
    await ended;
  });
});

test('the audit log has the actions of the portal, a refusal of the sign-in, and changes over HTTP', async () => {
  const emulator = await start();
  const anonymous = new PortalClient(emulator);
  await anonymous.signIn({ username: 'admin', password: 'wrong' });
  const client = await signedIn(emulator);
  await client.post(
    '/portal/credentials',
    { kind: 'api', roles: 'reader', clientId: 'new' },
    { page: '/portal/credentials/new' },
  );
  const own = { page: '/portal/credential?id=new' };
  await client.post('/portal/credential/rotate', { id: 'new', overlapMs: '0' }, own);
  await client.post('/portal/credential/roles', { id: 'new', roles: 'writer' }, own);
  await client.post('/portal/credential/deactivate', { id: 'new' }, own);
  await client.post('/portal/credential/reactivate', { id: 'new' }, own);
  await client.post('/portal/credential/delete', { id: 'new' }, own);
  await client.post('/portal/console/clock', { amount: '1', unit: 's' }, { page });
  await callToken(emulator);
  await client.post('/portal/tokens/revoke', { id: '1' }, { page });
  await fetch(`${emulator.url}/_emulator/tokens/revokeAll`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  await client.post('/portal/sign-out', {}, { page });
  await client.signIn(emulator.portal);
  const { text } = await client.get('/portal/audit-log');
  const rows = [...text.matchAll(/<tr[^>]*><th scope="row"[^>]*><time[^>]*>[^<]*<\/time><\/th>(.*?)<\/tr>/g)].map(
    ([, cells = '']) =>
      [...cells.matchAll(/<td[^>]*>(?:<span[^>]*>)?([^<]*)/g)]
        .map(([, cell]) => cell)
        .join(' | ')
        .trim(),
  );
  expect(rows.toReversed()).toEqual([
    'anonymous | sign in | admin | refused | wrong user name or password',
    'admin | sign in | admin | done |',
    'admin | create credential | new | done |',
    'admin | rotate secret | new | done |',
    'admin | set roles | new | done |',
    'admin | deactivate credential | new | done |',
    'admin | reactivate credential | new | done |',
    'admin | delete credential | new | done |',
    'admin | advance clock |  | done |',
    'admin | revoke token | local-client | done | token 1',
    'administration | /_emulator/tokens/revokeAll |  | done |',
    'admin | sign out | admin | done |',
    'admin | sign in | admin | done |',
  ]);
});
