import { expect, test } from 'vitest';
import { REASONS, type RequestEntry, RequestLog } from '../../src/state/request-log.ts';
import { useEmulators } from '../wire/emulators.ts';
import { callResource, callToken, multipartForm, obtainToken } from '../wire/token-call.ts';

const start = useEmulators();

const entry = (at: number): RequestEntry => ({ at, endpoint: 'token', method: 'POST', status: 200, reason: 'issued' });
const any = (): boolean => true;

test('keeps only the newest entries', () => {
  const requestLog = new RequestLog(100);
  for (let at = 1; at <= 1_000; at += 1) requestLog.add(entry(at));
  expect(requestLog.list(any).length).toBe(100);
  expect(requestLog.list(any).map(({ at }) => at)).toEqual(Array.from({ length: 100 }, (_, index) => 901 + index));
});

test('entries are frozen', () => {
  const requestLog = new RequestLog();
  requestLog.add(entry(1));
  expect(Object.isFrozen(requestLog.list(any)[0])).toBe(true);
  requestLog.list(any).pop();
  expect(requestLog.list(any).length).toBe(1);
});

test('waitFor returns earlier and later matching entries', async () => {
  const requestLog = new RequestLog();
  requestLog.add(entry(1));
  const wait = requestLog.waitFor(({ at }) => at !== 2, 3, 60_000);
  for (const at of [2, 3, 4, 5]) requestLog.add(entry(at));
  expect((await wait).map(({ at }) => at)).toEqual([1, 3, 4, 5]);
});

test('waitFor rejects with the number of matching requests', async () => {
  const requestLog = new RequestLog();
  requestLog.add(entry(1));
  await expect(requestLog.waitFor(any, 2, 5)).rejects.toThrow(
    /^requests\.waitFor: only 1 of 2 matching requests arrived within 5 ms$/,
  );
});

test('close rejects every wait', async () => {
  const requestLog = new RequestLog();
  const wait = requestLog.waitFor(any, 1, 60_000);
  requestLog.close();
  await expect(wait).rejects.toThrow(/^requests\.waitFor: the emulator was closed after 0 of 1 matching requests$/);
});

test('clear restarts the count of waitFor', async () => {
  const requestLog = new RequestLog();
  requestLog.add(entry(1));
  const wait = requestLog.waitFor(any, 2, 60_000);
  requestLog.clear();
  requestLog.add(entry(2));
  requestLog.add(entry(3));
  expect((await wait).map(({ at }) => at)).toEqual([2, 3]);
});

test('every reason can be provoked', async () => {
  const emulator = await start({ throttleWindowMs: 1_000 });
  const { credentials, clientSecret } = emulator;
  await credentials.create({ roles: ['none'], realm: 'other', clientId: 'other', clientSecret: 's' });
  await credentials.create({ roles: ['admin'], kind: 'portal', clientId: 'portal', clientSecret: 's' });
  for (const clientId of ['inactive', 'revoked', 'rotated', 'none']) {
    await credentials.create({ roles: ['none'], clientId, clientSecret: 's' });
  }
  await credentials.deactivate('inactive');
  await credentials.revoke('revoked');
  await credentials.rotate('rotated', { overlapMs: 0 });
  const s = 's';
  const form = (fields: Record<string, string>) => ({
    body: multipartForm(fields),
    clientId: 'other',
    realm: 'other',
    clientSecret: s,
  });
  const post = { method: 'POST', headers: { 'content-type': 'application/json' } };

  const token = await obtainToken(emulator); // issued
  await callToken(emulator); // throttled
  await callToken(emulator, { authorization: null });
  await callToken(emulator, { clientId: 'nobody' });
  await callToken(emulator, { clientSecret: `${clientSecret}x` });
  for (const clientId of ['rotated', 'inactive', 'revoked']) await callToken(emulator, { clientId, clientSecret: s });
  await callToken(emulator, { realm: 'nowhere' });
  await callToken(emulator, { realm: 'other' });
  await callToken(emulator, { clientId: 'portal', clientSecret: s });
  await callToken(emulator, form({}));
  await callToken(emulator, form({ grant_type: 'password' }));
  await callToken(emulator, form({ grant_type: 'client_credentials', scope: 'customers:read' }));
  await callToken(emulator, { method: 'GET' });
  await callResource(emulator, '/customers', token); // ok
  await callResource(emulator, '/customers', token, { ...post, body: '{"name":"New"}' }); // created
  await callResource(emulator, '/customers');
  await callResource(emulator, '/customers', 'a b');
  await callResource(emulator, '/customers', 'unknown');
  await callResource(emulator, '/customers', await obtainToken(emulator, { clientId: 'none', clientSecret: s }));
  await emulator.tokens.expireAll();
  await callResource(emulator, '/customers', token);
  await emulator.clock.advance(1_000);
  const revoked = await obtainToken(emulator);
  await emulator.tokens.revokeAll();
  await callResource(emulator, '/customers', revoked);
  await callResource(emulator, '/nowhere');
  await emulator.faults.add({ on: 'GET /nowhere', respond: { status: 500 } });
  await callResource(emulator, '/nowhere');

  const reasons = new Set((await emulator.requests.list()).map(({ reason }) => reason));
  expect([...reasons].toSorted()).toEqual(REASONS.toSorted());
});
