import { expect, test } from 'vitest';
import { REASONS } from '../../src/state/request-entry.ts';
import { useEmulators } from '../wire/emulators.ts';
import { callResource, callToken, multipartForm, obtainToken } from '../wire/token-call.ts';

const start = useEmulators();

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
