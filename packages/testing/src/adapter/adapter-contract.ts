import assert from 'node:assert/strict';
import { until } from '../until.ts';
import { outcomeOf, refusal, secret, show, startApi, testCase, urlKey } from './adapter-fixture.ts';
import type { AdapterCase } from './adapter-harness.ts';

/** The rules for every adapter. Each case runs in its own fixture. */
export const adapterContract: readonly AdapterCase[] = [
  testCase('sends a relative URL to the API with exactly one Bearer token', async ({ api, send }) => {
    const response = await send({});
    assert.equal(response.status, 200);
    const seen = api.requests.map(({ method, path, authorization, body }) => [method, path, authorization, body]);
    assert.deepEqual(seen, [['GET', '/api/echo', ['Bearer planted-token-1'], '']]);
  }),
  testCase('shares one token request between two hundred concurrent calls', async ({ api, send }) => {
    const results = await Promise.all(Array.from({ length: 200 }, () => send({})));
    assert.ok(results.every(({ status }) => status === 200));
    assert.equal(api.tokenRequests, 1);
  }),
  testCase('resends once after a 401 with the same body', async ({ api, send }) => {
    await send({});
    api.revokeAll();
    const response = await send({ method: 'POST', body: 'name=Ada' });
    assert.equal(response.status, 200);
    assert.equal(response.body, 'POST name=Ada');
    const seen = api.requests.slice(1).map(({ authorization, body }) => [...authorization, body]);
    assert.deepEqual(seen, [
      ['Bearer planted-token-1', 'name=Ada'],
      ['Bearer planted-token-2', 'name=Ada'],
    ]);
  }),
  testCase('makes one token request after fifty concurrent 401 responses', async ({ api, send }) => {
    await send({});
    api.revokeAll();
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
  testCase('never resends a body that can be sent only once', async ({ api, send }) => {
    await send({});
    api.revokeAll();
    const response = await send({ method: 'POST', body: new Blob(['once only']).stream() });
    assert.equal(response.status, 401);
    assert.deepEqual(
      api.requests.slice(1).map(({ body }) => body),
      ['once only'],
    );
  }),
  testCase('keeps an Authorization header of the caller, and returns its 401', async ({ api, send }) => {
    const response = await send({ headers: { authorization: 'Bearer mine' } });
    assert.equal(response.status, 401);
    assert.deepEqual(
      api.requests.map(({ authorization }) => authorization),
      [['Bearer mine']],
    );
    assert.equal(api.tokenRequests, 0);
  }),
  testCase('refuses a URL outside of the API before anything is sent', async ({ api, send }) => {
    const otherHost = await startApi();
    const host = new URL(otherHost.origin).host;
    try {
      const addresses = [
        `${otherHost.origin}/api/echo`,
        `//${host}/api/echo`,
        `\\\\${host}\\api\\echo`,
        `/\\${host}/api/echo`,
        `${api.origin}/other`,
        `${api.origin}/apiary/echo`,
        `${api.origin}/api/../other`,
        `${api.origin}/api/%2e%2e/other`,
        `${api.origin}/api/..%2fother`,
        '/../other',
        `http://user:pass@${new URL(api.origin).host}/api/echo`,
        'ftp://127.0.0.1/api/echo',
      ];
      for (const url of addresses) assert.equal(await refusal(send({ url })), 'origin_not_allowed', url);
      assert.deepEqual([...api.requests, ...otherHost.requests], []);
    } finally {
      await otherHost.close();
    }
  }),
  testCase('sends no token with a Host of the caller that does not name the API', async ({ api, send }) => {
    // An adapter may refuse the call, send it without the token, or leave the header out.
    await send({ headers: { host: 'elsewhere.example' } }).catch(() => {});
    const elsewhere = api.requests.filter(({ host }) => host !== new URL(api.origin).host);
    assert.deepEqual(
      elsewhere.flatMap(({ authorization }) => authorization),
      [],
    );
  }),
  testCase('sends no token after a redirect to a URL outside of the API', async ({ api, send }) => {
    const otherHost = await startApi();
    try {
      for (const target of [`${otherHost.origin}/elsewhere`, `${api.origin}/elsewhere`]) {
        await send({ url: `/moved?to=${encodeURIComponent(target)}` });
      }
      const arrived = [...otherHost.requests, ...api.requests].filter(({ path }) => path === '/elsewhere');
      assert.deepEqual(
        arrived.map(({ authorization }) => authorization),
        [[], []],
      );
    } finally {
      await otherHost.close();
    }
  }),
  testCase('keeps the token after a redirect within the API', async ({ api, send }) => {
    const response = await send({ url: `/moved?to=${encodeURIComponent(`${api.origin}/api/echo`)}` });
    assert.equal(response.status, 200);
    assert.deepEqual(
      api.requests.map(({ authorization }) => authorization),
      [['Bearer planted-token-1'], ['Bearer planted-token-1']],
    );
  }),
  testCase('sends no token after a redirect that another host has sent back to the API', async ({ api, send }) => {
    const otherHost = await startApi();
    try {
      const back = `${otherHost.origin}/bounce?to=${encodeURIComponent(`${api.origin}/api/echo`)}`;
      const response = await send({ url: `/moved?to=${encodeURIComponent(back)}` });
      const arrived = api.requests.filter(({ path }) => path === '/api/echo');
      assert.deepEqual(
        arrived.map(({ authorization }) => authorization),
        [[]],
      );
      assert.equal(response.status, 401);
      assert.equal(api.tokenRequests, 1);
    } finally {
      await otherHost.close();
    }
  }),
  testCase('ends the wait for a token at once for the caller that aborts, and for no other', async ({ api, send }) => {
    const issue = api.hold('respondToToken');
    const abort = new AbortController();
    const patient = send({});
    const impatient = outcomeOf(send({ signal: abort.signal }));
    await until(() => api.tokenRequests === 1);
    abort.abort();
    const outcome = await impatient;
    const sent = api.requests.length;
    issue();
    assert.equal((await patient).status, 200);
    assert.deepEqual([outcome, sent], ['ended', 0]);
  }),
  testCase('ends the wait for the token of a resend at once when the caller aborts', async ({ api, send }) => {
    await send({});
    api.revokeAll();
    api.hold('respondToToken');
    const abort = new AbortController();
    const outcome = outcomeOf(send({ signal: abort.signal }));
    await until(() => api.tokenRequests === 2);
    abort.abort();
    assert.equal(await outcome, 'ended');
    assert.equal(api.requests.length, 2);
  }),
  testCase('ends a resend at once when the caller aborts', async ({ api, send }) => {
    await send({});
    api.revokeAll();
    api.hold('respond');
    const abort = new AbortController();
    const outcome = outcomeOf(send({ signal: abort.signal }));
    await until(() => api.requests.length === 3);
    abort.abort();
    assert.equal(await outcome, 'ended');
    await until(() => api.abandoned === 1);
  }),
  testCase('rejects when the connection breaks during a resend', async ({ api, send }) => {
    await send({});
    api.revokeAll();
    api.respond = () => {
      throw new Error('The connection breaks.');
    };
    await assert.rejects(send({ method: 'POST', body: 'name=Ada' }));
    const tokens = api.requests.slice(1).flatMap(({ authorization }) => authorization);
    assert.deepEqual(tokens, ['Bearer planted-token-1', 'Bearer planted-token-2']);
  }),
  testCase('rejects with a code when no token can be obtained', async ({ api, send }) => {
    api.respondToToken = (_, response) => void response.writeHead(400).end();
    assert.equal(await refusal(send({})), 'token_request_refused');
    assert.equal(api.requests.length, 0);
  }),
  testCase('rejects with a code when no token can be obtained for a resend', async ({ api, send }) => {
    await send({});
    api.revokeAll();
    api.respondToToken = (_, response) => void response.writeHead(400).end();
    assert.equal(await refusal(send({})), 'token_request_refused');
    assert.equal(api.requests.length, 2);
  }),
  testCase('shows neither the token nor the secret in what it returns or throws', async ({ api, send }) => {
    const results = [await send({}), await send({ url: '/forbidden' })];
    api.refusesAll = true;
    results.push(await send({}));
    const thrown: unknown[] = [await send({ url: 'http://127.0.0.1:1/' }).catch((error: unknown) => error)];
    // Other calls in progress can be reached as well, through sockets and agents.
    const release = api.hold('refuse');
    const slow = send({});
    const arrived = api.requests.length;
    await until(() => api.requests.length === arrived + 1);
    const abort = new AbortController();
    const aborted = send({ signal: abort.signal }).catch((error: unknown) => error);
    await until(() => api.requests.length === arrived + 2);
    abort.abort();
    thrown.push(await aborted);
    for (const text of [...results, ...thrown].map(show)) {
      assert.ok(!text.includes('planted-token'), 'a token shows');
      assert.ok(!text.includes(secret) && !text.includes(btoa(`contract:${secret}`)), 'the secret shows');
      assert.ok(!text.includes(urlKey), 'the query of the token URL shows');
    }
    release();
    await slow;
  }),
];
