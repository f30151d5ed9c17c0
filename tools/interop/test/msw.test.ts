import { createInstellixClient } from '@instellix/core';
import { HttpResponse as HttpResponse3, http as http3, passthrough as passthrough3 } from 'msw';
import { setupServer as setupServer3 } from 'msw/node';
import { HttpResponse as HttpResponse2, http as http2, passthrough as passthrough2 } from 'msw2';
import { setupServer as setupServer2 } from 'msw2/node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startFixture, verifyRecovery } from '../src/start-fixture.ts';

/** The parts of MSW that the tests use. */
interface Msw {
  readonly http: typeof http3;
  readonly HttpResponse: typeof HttpResponse3;
  readonly passthrough: typeof passthrough3;
  readonly setupServer: typeof setupServer3;
}

// The types of the two versions differ, but not in anything that the tests use.
const msw2 = {
  http: http2,
  HttpResponse: HttpResponse2,
  passthrough: passthrough2,
  setupServer: setupServer2,
} as unknown as Msw;
const msw3: Msw = { http: http3, HttpResponse: HttpResponse3, passthrough: passthrough3, setupServer: setupServer3 };

/** An unexpected request fails. MSW 3 has renamed the option of MSW 2, which is the first one. */
const listenOptions: object = { onUnhandledRequest: 'error', onUnhandledFrame: 'error' };

describe.each([
  ['2', msw2],
  ['3', msw3],
] as const)('MSW %s', (_, { http, HttpResponse, passthrough, setupServer }) => {
  test('recovers from a revocation when MSW passes requests through', { timeout: 15_000 }, async () => {
    const server = setupServer(
      http.all('*/customers', () => passthrough()),
      http.all('*/oauth2/token', () => passthrough()),
    );
    server.listen(listenOptions);
    onTestFinished(() => server.close());
    await verifyRecovery(await startFixture());
  });

  test('recovers from a revocation when MSW plays the API', { timeout: 15_000 }, async () => {
    let issued = 0;
    const grants: unknown[] = [];
    const server = setupServer(
      http.post('https://api.example.com/acme/oauth2/token', async ({ request }) => {
        grants.push((await request.formData()).get('grant_type'));
        return HttpResponse.json({ access_token: `token-${++issued}`, token_type: 'bearer', expires_in: 300 });
      }),
      http.get('https://api.example.com/customers', ({ request }) => {
        if (request.headers.get('authorization') !== 'Bearer token-2') return HttpResponse.json({}, { status: 401 });
        return HttpResponse.json({ customers: [{ id: '1' }] });
      }),
    );
    server.listen(listenOptions);
    onTestFinished(() => server.close());
    const client = createInstellixClient({
      environment: { apiUrl: 'https://api.example.com' },
      realm: 'acme',
      clientId: 'a-client',
      clientSecret: 'a-secret-of-the-test',
      tokenRequest: { minIntervalMs: 0 },
    });
    onTestFinished(() => client.close());
    const response = await client.fetch('/customers');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ customers: [{ id: '1' }] });
    expect(grants).toEqual(['client_credentials', 'client_credentials']);
  });
});
