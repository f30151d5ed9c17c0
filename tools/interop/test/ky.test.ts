import ky from 'ky';
import { expect, test } from 'vitest';
import { reasonsOf, startFixture } from '../src/start-fixture.ts';

test('ky resends a POST with a JSON body after a revocation', { timeout: 15_000 }, async () => {
  const { client, emulator } = await startFixture();
  await client.getToken();
  await emulator.tokens.revokeAll();
  const api = ky.create({ fetch: client.fetch, retry: 0 });
  const customer = await api.post(`${emulator.url}/customers`, { json: { name: 'Katherine Johnson' } }).json();
  expect(customer).toMatchObject({ name: 'Katherine Johnson' });
  expect(await reasonsOf(emulator)).toEqual(['issued', 'token_revoked', 'issued', 'created']);
});
