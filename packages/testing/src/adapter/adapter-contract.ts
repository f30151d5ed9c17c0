import assert from 'node:assert/strict';
import type { AdapterCase } from './adapter-harness.ts';
import { refusal, secret, show, testCase } from './adapter-world.ts';
import { ScriptedApi } from './scripted-api.ts';

/** What every adapter must do, whatever its framework; each case runs in a world of its own. */
export const adapterContract: readonly AdapterCase[] = [
  testCase('a relative call reaches the API with exactly one Bearer token', async ({ api, send }) => {
    const answer = await send({});
    assert.equal(answer.status, 200);
    assert.deepEqual(api.requests, [{ method: 'GET', path: '/api/echo', authorization: ['Bearer token-1'], body: '' }]);
  }),
  testCase('two hundred calls at once share one token request', async ({ api, send }) => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => send({})));
    assert.ok(answers.every(({ status }) => status === 200));
    assert.equal(api.tokensIssued, 1);
  }),
  testCase('a 401 is healed by one renewal and one replay with the same body', async ({ api, send }) => {
    await send({});
    api.revokeAll();
    const answer = await send({ method: 'POST', body: 'name=Ada' });
    assert.equal(answer.status, 200);
    assert.equal(answer.body, 'POST name=Ada');
    const seen = api.requests.slice(1).map(({ authorization, body }) => [...authorization, body]);
    assert.deepEqual(seen, [
      ['Bearer token-1', 'name=Ada'],
      ['Bearer token-2', 'name=Ada'],
    ]);
  }),
  testCase('fifty 401 at once bring one token request', async ({ api, send }) => {
    await send({});
    api.revokeAll();
    const answers = await Promise.all(Array.from({ length: 50 }, () => send({})));
    assert.ok(answers.every(({ status }) => status === 200));
    assert.equal(api.tokensIssued, 2);
  }),
  testCase('a late 401 for an old token brings no token request', async ({ api, client, send }) => {
    const old = await client.getToken();
    let answer = () => {};
    api.answerGate = new Promise((resolve) => {
      answer = resolve;
    });
    api.revokeAll();
    const slow = send({});
    while (api.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    api.answerGate = undefined;
    await client.getToken({ rejected: old });
    answer();
    assert.equal((await slow).status, 200);
    assert.equal(api.tokensIssued, 2);
  }),
  testCase('a 401 that lasts goes to the caller after one replay', async ({ api, send }) => {
    api.refusesAll = true;
    const answer = await send({});
    assert.equal(answer.status, 401);
    assert.equal(api.requests.length, 2);
    assert.equal(api.tokensIssued, 2);
  }),
  testCase('a 403 renews nothing and is not replayed', async ({ api, send }) => {
    const answer = await send({ url: '/forbidden' });
    assert.equal(answer.status, 403);
    assert.equal(api.requests.length, 1);
    assert.equal(api.tokensIssued, 1);
  }),
  testCase('a body that can be sent only once is never replayed, least of all empty', async ({ api, send }) => {
    await send({});
    api.revokeAll();
    const answer = await send({ method: 'POST', body: new Blob(['once only']).stream() });
    assert.equal(answer.status, 401);
    assert.deepEqual(
      api.requests.slice(1).map(({ body }) => body),
      ['once only'],
    );
  }),
  testCase('a caller that brings its own Authorization keeps it, and its 401', async ({ api, send }) => {
    const answer = await send({ headers: { authorization: 'Bearer mine' } });
    assert.equal(answer.status, 401);
    assert.deepEqual(
      api.requests.map(({ authorization }) => authorization),
      [['Bearer mine']],
    );
    assert.equal(api.tokensIssued, 0);
  }),
  testCase('an address that is not the API’s is refused before anything is sent', async ({ api, send }) => {
    const stranger = await ScriptedApi.start();
    const host = new URL(stranger.origin).host;
    try {
      const addresses = [
        `${stranger.origin}/api/echo`,
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
      assert.deepEqual([...api.requests, ...stranger.requests], []);
    } finally {
      await stranger.close();
    }
  }),
  testCase('a redirect off the API loses the token', async ({ api, send }) => {
    const stranger = await ScriptedApi.start();
    try {
      for (const target of [`${stranger.origin}/elsewhere`, `${api.origin}/elsewhere`]) {
        await send({ url: `/moved?to=${encodeURIComponent(target)}` });
      }
      const arrived = [...stranger.requests, ...api.requests].filter(({ path }) => path === '/elsewhere');
      assert.deepEqual(
        arrived.map(({ authorization }) => authorization),
        [[], []],
      );
    } finally {
      await stranger.close();
    }
  }),
  testCase('a redirect within the API keeps the token', async ({ api, send }) => {
    const answer = await send({ url: `/moved?to=${encodeURIComponent(`${api.origin}/api/echo`)}` });
    assert.equal(answer.status, 200);
    assert.deepEqual(
      api.requests.map(({ authorization }) => authorization),
      [['Bearer token-1'], ['Bearer token-1']],
    );
  }),
  testCase('a redirect that comes back from a stranger does not bring the token back', async ({ api, send }) => {
    const stranger = await ScriptedApi.start();
    try {
      const back = `${stranger.origin}/bounce?to=${encodeURIComponent(`${api.origin}/api/echo`)}`;
      const answer = await send({ url: `/moved?to=${encodeURIComponent(back)}` });
      const arrived = api.requests.filter(({ path }) => path === '/api/echo');
      assert.deepEqual(
        arrived.map(({ authorization }) => authorization),
        [[]],
      );
      assert.equal(answer.status, 401);
      assert.equal(api.tokensIssued, 1);
    } finally {
      await stranger.close();
    }
  }),
  testCase('an abort ends the wait for a token at once, and only for the one who aborts', async ({ api, send }) => {
    let issue = () => {};
    api.tokenGate = new Promise((resolve) => {
      issue = resolve;
    });
    const abort = new AbortController();
    const patient = send({});
    const impatient = send({ signal: abort.signal }).then(
      () => 'went on',
      () => 'ended',
    );
    while (api.tokensIssued === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    abort.abort();
    const outcome = await Promise.race([impatient, new Promise((resolve) => setTimeout(resolve, 1_000, 'waits on'))]);
    const sent = api.requests.length;
    issue();
    assert.equal((await patient).status, 200);
    assert.deepEqual([outcome, sent], ['ended', 0]);
  }),
  testCase('a token that is not to be had fails the call with a code', async ({ api, send }) => {
    api.tokenFailure = 400;
    assert.equal(await refusal(send({})), 'token_request_refused');
    assert.equal(api.requests.length, 0);
  }),
  testCase('nothing that comes back shows the token or the secret', async ({ api, send }) => {
    const answers = [await send({}), await send({ url: '/forbidden' })];
    api.refusesAll = true;
    answers.push(await send({}));
    const thrown: unknown[] = [await send({ url: 'http://127.0.0.1:1/' }).catch((error: unknown) => error)];
    // Other calls that are under way are within reach, too, through sockets and agents.
    let answer = () => {};
    api.answerGate = new Promise((resolve) => {
      answer = resolve;
    });
    const slow = send({});
    const arrived = api.requests.length;
    while (api.requests.length === arrived) await new Promise((resolve) => setTimeout(resolve, 1));
    const abort = new AbortController();
    const aborted = send({ signal: abort.signal }).catch((error: unknown) => error);
    while (api.requests.length === arrived + 1) await new Promise((resolve) => setTimeout(resolve, 1));
    abort.abort();
    thrown.push(await aborted);
    for (const text of [...answers, ...thrown].map(show)) {
      assert.ok(!text.includes('token-1') && !text.includes('token-2'), 'a token shows');
      assert.ok(!text.includes(secret) && !text.includes(btoa(`contract:${secret}`)), 'the secret shows');
    }
    answer();
    await slow;
  }),
];
