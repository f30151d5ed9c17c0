import { beforeEach, describe, expect, test } from 'vitest';
import { hostileUpstreams } from './hostile-upstreams.ts';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';
import { rawAnswer, saying } from './scripted-upstream.ts';

let fixture: ProxyFixture;

beforeEach(async () => {
  fixture = await ProxyFixture.start();
});

/** What Node and Express add. */
const theirs = ['date', 'connection', 'keep-alive', 'transfer-encoding', 'x-powered-by'];

function withoutTheirs(headers: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !theirs.includes(name)));
}

describe.each(['1.1', '1.0'])('a caller of HTTP/%s is not deceived by an API that', (version) => {
  test.each(hostileUpstreams)('$title', async ({ script, method = 'GET', headers, arrives = 1, ...expected }) => {
    fixture.upstream.script = script;
    const answer = await fixture.exchange(rawRequest(`${method} /api/items`).replace('HTTP/1.1', `HTTP/${version}`));
    const { isWhole = true, status, code, body } = expected;
    expect({ status: answer.status, isWhole: answer.isWhole }).toEqual({ status, isWhole });
    if (code) {
      expect(JSON.parse(answer.body)).toEqual({ status, code, title: expect.any(String), detail: expect.any(String) });
      expect(answer.headers['content-type']).toBe('application/problem+json');
      // Nothing of the API's head is left on it.
      expect(Object.keys(withoutTheirs(answer.headers))).toEqual(['content-type', 'content-length', 'cache-control']);
    } else if (isWhole || version === '1.1') expect(answer.body).toBe(body);
    if (headers) expect(withoutTheirs(answer.headers)).toEqual({ 'cache-control': 'private', ...headers });
    expect(fixture.upstream.journal).toHaveLength(arrives);
    fixture.upstream.script = saying(rawAnswer('200 OK', 'after'));
    expect(await fixture.exchange(rawRequest('GET /api/items'))).toMatchObject({ status: 200, body: 'after' });
  });
});
