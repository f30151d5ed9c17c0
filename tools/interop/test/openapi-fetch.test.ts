import createOpenApiClient from 'openapi-fetch';
import { expect, test } from 'vitest';
import { reasonsOf, startFixture } from '../src/start-fixture.ts';

interface Customer {
  readonly id: string;
  readonly name: string;
}

/** What `openapi-typescript` generates, reduced to one operation. */
interface Paths {
  '/customers': {
    post: {
      requestBody: { content: { 'application/json': { name: string } } };
      responses: { 201: { content: { 'application/json': Customer } } };
    };
  };
}

test('openapi-fetch resends a POST with a JSON body after a revocation', { timeout: 15_000 }, async () => {
  const { client, emulator } = await startFixture();
  await client.getToken();
  await emulator.tokens.revokeAll();
  const api = createOpenApiClient<Paths>({ baseUrl: emulator.url, fetch: client.fetch });
  const { data, response } = await api.POST('/customers', { body: { name: 'Katherine Johnson' } });
  expect(response.status).toBe(201);
  expect(data).toMatchObject({ name: 'Katherine Johnson' });
  expect(await reasonsOf(emulator)).toEqual(['issued', 'token_revoked', 'issued', 'created']);
});
