import { beforeEach, describe, expect, test } from 'vitest';
import { hostileUpstreams } from './hostile-upstreams.ts';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';
import { rawResponse, saying } from './scripted-upstream.ts';

let fixture: ProxyFixture;

beforeEach(async () => {
  fixture = await ProxyFixture.start();
});

/** Headers that Node and Express add. */
const theirs = ['date', 'connection', 'keep-alive', 'transfer-encoding', 'x-powered-by'];

function withoutTheirs(headers: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !theirs.includes(name)));
}

describe.each(['1.1', '1.0'])('a caller of HTTP/%s gets a correct response from an API that', (version) => {
  test.each(hostileUpstreams)('$title', async ({ script, method = 'GET', headers, arrives = 1, ...expected }) => {
    fixture.upstream.script = script;
    const response = await fixture.exchange(rawRequest(`${method} /api/items`).replace('HTTP/1.1', `HTTP/${version}`));
    const { isWhole = true, status, code, body } = expected;
    expect({ status: response.status, isWhole: response.isWhole }).toEqual({ status, isWhole });
    if (code) {
      expect(JSON.parse(response.body)).toEqual({
        status,
        code,
        title: expect.any(String),
        detail: expect.any(String),
      });
      expect(response.headers['content-type']).toBe('application/problem+json');
      // No header of the API is left.
      expect(Object.keys(withoutTheirs(response.headers))).toEqual(['content-type', 'content-length', 'cache-control']);
    } else if (isWhole || version === '1.1') expect(response.body).toBe(body);
    if (headers) expect(withoutTheirs(response.headers)).toEqual({ 'cache-control': 'private', ...headers });
    expect(fixture.upstream.arrivals).toHaveLength(arrives);
    fixture.upstream.script = saying(rawResponse('200 OK', 'after'));
    expect(await fixture.exchange(rawRequest('GET /api/items'))).toMatchObject({ status: 200, body: 'after' });
  });
});
