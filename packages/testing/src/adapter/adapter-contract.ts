import assert from 'node:assert/strict';
import { until } from '../until.ts';
import { outcomeOf, refusal, secret, show, startApi, testCase, urlKey } from './adapter-fixture.ts';
import type { AdapterCase } from './adapter-harness.ts';
import { resendCases } from './resend-cases.ts';

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
  testCase('rejects with a code when no token can be obtained', async ({ api, send }) => {
    api.respondToToken = (_, response) => void response.writeHead(400).end();
    assert.equal(await refusal(send({})), 'token_request_refused');
    assert.equal(api.requests.length, 0);
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
  ...resendCases,
];
