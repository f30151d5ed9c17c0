import { beforeAll, describe, expect, test } from 'vitest';
import { type Emulator, type Profile, startEmulator } from '../../src/index.ts';
import { sendRaw } from '../wire/send-raw.ts';
import { basic, obtainToken } from '../wire/token-call.ts';
import type { ConformanceContext } from './conformance-case.ts';
import { rfc6749Cases } from './rfc6749-cases.ts';
import { rfc6750Cases } from './rfc6750-cases.ts';
import { rfc7009Cases } from './rfc7009-cases.ts';
import { rfc9110Cases } from './rfc9110-cases.ts';

const cases = [...rfc6749Cases, ...rfc6750Cases, ...rfc7009Cases, ...rfc9110Cases];
const emulators = new Map<Profile, Emulator>();

beforeAll(async () => {
  for (const profile of ['vendor', 'rfc'] as const) {
    const emulator = await startEmulator({ clock: '2026-01-01', profile });
    emulators.set(profile, emulator);
  }
  return async () => {
    for (const emulator of emulators.values()) await emulator.close();
  };
});

const body = (): { body: URLSearchParams } => ({ body: new URLSearchParams({ grant_type: 'client_credentials' }) });

/** Puts an emulator into the initial state of all cases. */
async function setStage(emulator: Emulator): Promise<ConformanceContext> {
  await emulator.reset();
  const { credentials, clock, tokens } = emulator;
  const reader = await credentials.create({ roles: ['reader'] });
  for (const [clientId, clientSecret] of [
    ['a client/b', '100% +'],
    ['colon', 'a:b:c'],
    ['unicode', 'ü€😀'],
    ['plus', 'a+b'],
  ] as const) {
    await credentials.create({ roles: ['none'], clientId, clientSecret });
  }
  const expired = await obtainToken(emulator, body());
  await clock.advance(300_000);
  const revoked = await obtainToken(emulator, body());
  await tokens.revokeAll();
  await clock.advance(5_000);
  const both = await obtainToken(emulator, body());
  const stage = {
    basic: `Authorization: ${basic(emulator.clientId, emulator.clientSecret)}`,
    secret: emulator.clientSecret,
    reader: await obtainToken(emulator, { ...reader, ...body() }),
    both,
    expired,
    revoked,
  };
  await clock.advance(5_000);
  return stage;
}

describe.each(['RFC 6749', 'RFC 6750', 'RFC 7009', 'RFC 9110'])('%s', (rfc) => {
  const table = {
    'RFC 6749': rfc6749Cases,
    'RFC 6750': rfc6750Cases,
    'RFC 7009': rfc7009Cases,
    'RFC 9110': rfc9110Cases,
  };
  const rows = table[rfc as keyof typeof table].map((row) => [row.title, row.clause, row] as const);

  test.each(rows)(
    '%s (%s)',
    async (_title, _clause, { profile = 'vendor', send, status, headers = {}, body, reason }) => {
      const emulator = emulators.get(profile) as Emulator;
      const stage = await setStage(emulator);
      const before = await emulator.requests.count();
      const { head, body: sent = '' } = send(stage);
      const response = await sendRaw(emulator.url, head, sent);
      expect(response.statusLine).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      const lines = response.headers.map((line) => line.split(/: (.*)/s));
      for (const [name, expected] of Object.entries(headers)) {
        const values = lines.filter(([found]) => found?.toLowerCase() === name).map(([, value]) => value);
        if (expected === null) expect(values, name).toEqual([]);
        else expect(values, name).toEqual([typeof expected === 'string' ? expected : expect.stringMatching(expected)]);
      }
      if (body !== undefined) expect(response.body).toMatch(body);
      if (reason !== undefined)
        expect((await emulator.requests.list()).slice(before)).toMatchObject([{ reason, status }]);
    },
  );
});

test('has at least 80 cases, each once', () => {
  const titles = cases.map(({ title, clause }) => `${title} (${clause})`);
  expect(new Set(titles).size).toBe(titles.length);
  expect(titles.length).toBeGreaterThanOrEqual(80);
});

test('a revoked token is rejected, other tokens stay valid (RFC 7009 2.2)', async () => {
  const emulator = emulators.get('vendor') as Emulator;
  const stage = await setStage(emulator);
  const { head, body: sent = '' } = rfc7009Cases[0]?.send(stage) ?? { head: [] };
  await sendRaw(emulator.url, head, sent);
  const read = (token: string): Promise<Response> =>
    fetch(`${emulator.url}/customers`, { headers: { authorization: `Bearer ${token}` } });
  expect((await read(stage.both)).status).toBe(401);
  expect((await read(stage.reader)).status).toBe(200);
});
