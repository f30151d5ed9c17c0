import assert from 'node:assert/strict';
import { until } from '../until.ts';
import { type AdapterFixture, outcomeOf, refusal, testCase } from './adapter-fixture.ts';
import type { AdapterCase } from './adapter-harness.ts';

/** A case after the first call, whose token has been revoked. */
function revokedCase(title: string, verify: (fixture: AdapterFixture) => Promise<void>): AdapterCase {
  return testCase(title, async (fixture) => {
    await fixture.send({});
    fixture.api.revokeAll();
    await verify(fixture);
  });
}

/** Sends a call, aborts it as soon as it is waiting, and returns what has become of it. */
async function abortWhen(isWaiting: () => boolean, { send }: AdapterFixture): ReturnType<typeof outcomeOf> {
  const abort = new AbortController();
  const outcome = outcomeOf(send({ signal: abort.signal }));
  await until(isWaiting);
  abort.abort();
  return outcome;
}

/** The rules for calls whose token the API refuses. */
export const resendCases: readonly AdapterCase[] = [
  revokedCase('resends once after a 401 with the same body', async ({ api, send }) => {
    const response = await send({ method: 'POST', body: 'name=Ada' });
    assert.equal(response.status, 200);
    assert.equal(response.body, 'POST name=Ada');
    const seen = api.requests.slice(1).map(({ authorization, body }) => [...authorization, body]);
    assert.deepEqual(seen, [
      ['Bearer planted-token-1', 'name=Ada'],
      ['Bearer planted-token-2', 'name=Ada'],
    ]);
  }),
  revokedCase('makes one token request after fifty concurrent 401 responses', async ({ api, send }) => {
    const results = await Promise.all(Array.from({ length: 50 }, () => send({})));
    assert.ok(results.every(({ status }) => status === 200));
    assert.equal(api.tokenRequests, 2);
  }),
  testCase('resends once more when the token from the store was revoked together with the first', async (fixture) => {
    const { api, client, neighbour, send } = fixture;
    await send({});
    await neighbour.getToken({ rejected: await client.getToken() });
    api.revokeAll();
    assert.equal((await send({})).status, 200);
    assert.equal(api.tokenRequests, 3);
    const tokens = api.requests.slice(1).flatMap(({ authorization }) => authorization);
    assert.deepEqual(tokens, ['Bearer planted-token-1', 'Bearer planted-token-2', 'Bearer planted-token-3']);
  }),
  testCase('makes no token request after a late 401 for an old token', async ({ api, client, send }) => {
    const old = await client.getToken();
    const release = api.hold('refuse');
    api.revokeAll();
    const slow = send({});
    await until(() => api.requests.length === 1);
    await client.getToken({ rejected: old });
    release();
    assert.equal((await slow).status, 200);
    assert.equal(api.tokenRequests, 2);
  }),
  testCase('returns a persistent 401 after resending once', async ({ api, send }) => {
    api.refusesAll = true;
    const response = await send({});
    assert.equal(response.status, 401);
    assert.equal(api.requests.length, 2);
    assert.equal(api.tokenRequests, 2);
  }),
  testCase('neither refreshes the token nor resends after a 403', async ({ api, send }) => {
    const response = await send({ url: '/forbidden' });
    assert.equal(response.status, 403);
    assert.equal(api.requests.length, 1);
    assert.equal(api.tokenRequests, 1);
  }),
  revokedCase('never resends a body that can be sent only once', async ({ api, send }) => {
    const response = await send({ method: 'POST', body: new Blob(['once only']).stream() });
    assert.equal(response.status, 401);
    assert.deepEqual(
      api.requests.slice(1).map(({ body }) => body),
      ['once only'],
    );
  }),
  revokedCase('ends the wait for the token of a resend at once when the caller aborts', async (fixture) => {
    const { api } = fixture;
    api.hold('respondToToken');
    assert.equal(await abortWhen(() => api.tokenRequests === 2, fixture), 'ended');
    assert.equal(api.requests.length, 2);
  }),
  revokedCase('ends a resend at once when the caller aborts', async (fixture) => {
    const { api } = fixture;
    api.hold('respond');
    assert.equal(await abortWhen(() => api.requests.length === 3, fixture), 'ended');
    await until(() => api.abandoned === 1);
  }),
  revokedCase('rejects when the connection breaks during a resend', async ({ api, send }) => {
    api.respond = () => {
      throw new Error('The connection breaks.');
    };
    await assert.rejects(send({ method: 'POST', body: 'name=Ada' }));
    const tokens = api.requests.slice(1).flatMap(({ authorization }) => authorization);
    assert.deepEqual(tokens, ['Bearer planted-token-1', 'Bearer planted-token-2']);
  }),
  revokedCase('rejects with a code when no token can be obtained for a resend', async ({ api, send }) => {
    api.respondToToken = (_, response) => void response.writeHead(400).end();
    assert.equal(await refusal(send({})), 'token_request_refused');
    assert.equal(api.requests.length, 2);
  }),
];
