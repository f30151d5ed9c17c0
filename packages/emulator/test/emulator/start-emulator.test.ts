import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/index.ts';
import { useEmulators } from '../wire/emulators.ts';
import { sendRaw } from '../wire/send-raw.ts';
import { callResource, callToken, lastReason, obtainToken, tokenRequest } from '../wire/token-call.ts';

const start = useEmulators();
const { Request: PlatformRequest, Response: PlatformResponse } = globalThis;

describe('description', () => {
  test('env has base URL, realm and credential, but no token URL', async () => {
    const emulator = await start();
    expect(emulator.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(emulator.env).toEqual({
      INSTELLIX_API_URL: emulator.url,
      INSTELLIX_REALM: emulator.realm,
      INSTELLIX_CLIENT_ID: emulator.clientId,
      INSTELLIX_CLIENT_SECRET: emulator.clientSecret,
    });
    expect((await callToken(emulator)).status).toBe(200);
  });

  test.each([{ throttleWindowMs: 0 }, { profile: 'rfc' }] as const)(
    'without the throttle, env sets the minimum interval to 0: %j',
    async (options) => {
      expect((await start(options)).env['INSTELLIX_MIN_INTERVAL_MS']).toBe('0');
    },
  );

  test('GET / redirects to the portal', async () => {
    const { url } = await start();
    const root = await fetch(url, { redirect: 'manual' });
    expect([root.status, root.headers.get('location')]).toEqual([303, '/portal']);
    expect((await fetch(url)).url).toBe(`${url}/portal/sign-in`);
  });

  test('portal has the URL and the first account', async () => {
    const emulator = await start();
    expect(emulator.portal).toEqual({
      url: `${emulator.url}/portal`,
      username: 'admin',
      password: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect((await fetch(emulator.portal.url)).url).toBe(`${emulator.url}/portal/sign-in`);
  });
});

describe('in memory', () => {
  test('fetch uses the same state, and ignores the host', async () => {
    const emulator = await start();
    const response = await emulator.fetch(tokenRequest(emulator));
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const { access_token: token } = (await response.json()) as { access_token: string };
    expect((await callResource(emulator, '/customers', token)).status).toBe(200);
    const headers = { authorization: `Bearer ${token}` };
    const elsewhere = await emulator.fetch(new Request('https://api.instellix.io/customers', { headers }));
    expect(elsewhere.status).toBe(200);
    expect(elsewhere.headers.get('content-length')).toBe(String((await elsewhere.text()).length));
    expect(await emulator.requests.count()).toBe(3);
  });

  describe.each(['/local/oauth2/token', '/customers', '/portal/sign-in', '/_emulator/reset'])(
    'a body of %s that never ends',
    (path) => {
      function sendEndless(emulator: Emulator, signal: AbortSignal) {
        const type = path.startsWith('/_') ? 'application/json' : 'application/x-www-form-urlencoded';
        const init = {
          method: 'POST',
          headers: { 'content-type': type },
          body: new ReadableStream(),
          duplex: 'half',
          signal,
        };
        return emulator.fetch(new Request(emulator.url + path, init as RequestInit));
      }

      test('ends with the signal of the request', async () => {
        const abort = new AbortController();
        const sent = sendEndless(await start(), abort.signal);
        const reason = new Error('left');
        abort.abort(reason);
        await expect(sent).rejects.toBe(reason);
      });

      test('ends with the emulator', async () => {
        const emulator = await start();
        const sent = sendEndless(emulator, new AbortController().signal);
        const ended = expect(sent).rejects.toThrow(TypeError);
        await emulator.close();
        await ended;
      });
    },
  );

  test('handles HEAD, unknown methods and incomplete bodies as over a socket', async () => {
    const emulator = await start();
    const token = await obtainToken(emulator);
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const url = `${emulator.url}/customers`;
    const head = await emulator.fetch(new Request(url, { method: 'HEAD', headers }));
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await emulator.fetch(new Request(url, { method: 'EXPLODE' }))).status).toBe(405);
    expect(await emulator.requests.count({ method: 'UNKNOWN', reason: 'method_not_allowed' })).toBe(1);
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) });
    const broken = await emulator.fetch(
      new Request(url, { method: 'POST', headers, body, duplex: 'half' } as RequestInit),
    );
    expect(broken.status).toBe(400);
    expect(await lastReason(emulator)).toBe('invalid_request');
  });

  test('limits the body also when Content-Length is wrong', async () => {
    const emulator = await start();
    const headers = { 'content-length': '10', 'content-type': 'application/x-www-form-urlencoded' };
    const request = tokenRequest(emulator, { headers, body: 'x'.repeat(70_000) });
    expect((await emulator.fetch(request)).status).toBe(413);
  });

  test('an aborted request has no effect', async () => {
    const emulator = await start();
    const signal = AbortSignal.abort(new Error('never mind'));
    await expect(emulator.fetch(new Request(tokenRequest(emulator), { signal }))).rejects.toThrow('never mind');
    expect(await emulator.requests.count()).toBe(0);
  });

  test('an argument that is not a Request is an error that says how to create one', async () => {
    const emulator = await start();
    await expect(emulator.fetch(emulator.url as never)).rejects.toThrow(
      /^fetch: request: must be a Request; create one/,
    );
  });
});

describe('side by side', () => {
  test('two emulators share no state', async () => {
    const [first, second] = await Promise.all([start(), start()]);
    expect(first.url).not.toBe(second.url);
    expect(first.clientSecret).not.toBe(second.clientSecret);
    const token = await obtainToken(first);
    expect((await callResource(second, '/customers', token)).status).toBe(401);
    expect(await second.requests.count({ reason: 'unknown_token' })).toBe(1);
    expect(await first.requests.count()).toBe(1);
  });

  test('does not replace the global Request and Response', async () => {
    await start();
    expect(globalThis.Request).toBe(PlatformRequest);
    expect(globalThis.Response).toBe(PlatformResponse);
  });
});

describe('close', () => {
  test('ends hanging and delayed requests, and can be called twice', async () => {
    const emulator = await start();
    await emulator.faults.add({ on: 'token', socket: 'hang', times: 1 });
    await emulator.faults.add({ on: 'token', delayMs: 600_000 });
    const calls = Promise.allSettled([callToken(emulator), callToken(emulator)]);
    await emulator.requests.waitFor({ endpoint: 'token' }, { count: 2 });
    await Promise.all([emulator.close(), emulator.close()]);
    await emulator.close();
    expect((await calls).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(callToken(emulator)).rejects.toThrow('fetch failed');
  });

  test('ends an incomplete request, and calls of waitFor', async () => {
    const emulator = await start();
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('grant_type=')),
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const init = { method: 'POST', body, headers, duplex: 'half' } as RequestInit;
    const upload = fetch(`${emulator.url}/local/oauth2/token`, init).then(
      () => 'completed',
      () => 'ended',
    );
    const wait = expect(emulator.requests.waitFor({}, { count: 9 })).rejects.toThrow(/the emulator was closed/);
    await callResource(emulator, '/customers');
    await emulator.close();
    expect(await upload).toBe('ended');
    await wait;
  });

  test('releases its port', async () => {
    const first = await start();
    const port = Number(new URL(first.url).port);
    await first.close();
    expect((await start({ port })).url).toBe(first.url);
  });

  test('is called at the end of an await using block', async () => {
    let url: string;
    {
      await using emulator = await startEmulator();
      url = emulator.url;
      expect((await callToken(emulator)).status).toBe(200);
    }
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  test('afterwards every control rejects, except the request log and the removal of a fault', async () => {
    const emulator = await start();
    await callToken(emulator);
    const fault = await emulator.faults.add({ on: 'token', delayMs: 1 });
    await emulator.close();
    await fault.remove();
    const { credentials, clock, clientId, faults, tokens } = emulator;
    for (const attempt of [
      emulator.fetch(new Request(emulator.url)),
      emulator.reset(),
      credentials.create({ roles: ['none'] }),
      credentials.rotate(clientId, { overlapMs: 0 }),
      credentials.deactivate(clientId),
      credentials.reactivate(clientId),
      credentials.revoke(clientId),
      credentials.setRoles(clientId, ['none']),
      credentials.list(),
      clock.advance(1),
      faults.add({ on: 'token', delayMs: 1 }),
      faults.list(),
      faults.clear(),
      tokens.revokeAll(),
      tokens.expireAll(),
    ]) {
      await expect(attempt).rejects.toThrow(/^the emulator is closed; call startEmulator\(\) to start another one$/);
    }
    expect(await emulator.requests.count({ reason: 'issued' })).toBe(1);
    await expect(emulator.requests.waitFor({}, { count: 2, timeoutMs: 60_000 })).rejects.toThrow(
      /the emulator was closed/,
    );
  });
});

test('every response has the Date of the emulator’s clock, over a socket and in memory', async () => {
  const emulator = await start();
  await emulator.clock.advance(1_000);
  await emulator.faults.add({ on: 'GET /fault', respond: { status: 200 } });
  for (const path of ['/customers', '/fault', '/nothing', '/portal', '/_emulator/ready']) {
    const request = new Request(`${emulator.url}${path}`, { redirect: 'manual' });
    for (const { headers } of [await fetch(request.clone()), await emulator.fetch(request)]) {
      expect(headers.get('date'), path).toBe('Thu, 01 Jan 2026 00:00:01 GMT');
    }
  }
});

test.each(['GET /customers', 'GET /portal', 'GET /_emulator/ready'])(
  'two Host headers are a 400 (RFC 9112 section 3.2): %s',
  async (line) => {
    const emulator = await start();
    const { host } = new URL(emulator.url);
    const { statusLine } = await sendRaw(emulator.url, [`${line} HTTP/1.1`, `Host: ${host}`]);
    expect(statusLine).toMatch(/ 400 /);
    expect(await emulator.requests.count()).toBe(0);
  },
);

test('without node:sqlite, the import fails with an error that names the required Node', async () => {
  const code = `await import(${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)})`;
  const args = ['--no-experimental-sqlite', '--input-type=module', '--eval', code];
  const { stderr } = await promisify(execFile)(process.execPath, args).catch((error: { stderr: string }) => error);
  expect(stderr).toMatch(/^Error: @instellix\/emulator requires Node 22\.13 or newer \(node:sqlite\); this is Node /m);
});
