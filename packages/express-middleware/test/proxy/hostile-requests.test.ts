import { beforeEach, describe, expect, test } from 'vitest';
import { hostileOptions } from './hostile-request.ts';
import { hostileRequests } from './hostile-requests.ts';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';

let fixture: ProxyFixture;

beforeEach(async () => {
  fixture = await ProxyFixture.start(hostileOptions);
  await fixture.client.getToken();
});

/** What the proxy adds itself. */
const ours = /^(?:host|connection|via|authorization|content-length|transfer-encoding)$/;

function seen() {
  return fixture.upstream.journal.map(({ method, target, headers, body }) => ({
    line: `${method} ${target}`,
    headers: headers.filter(([name]) => !ours.test(name)).map(([name, value]) => `${name}: ${value}`),
    body,
  }));
}

describe('a hostile request is refused, or forwarded without what makes it hostile:', () => {
  test.each(hostileRequests)('$title', async ({ bytes, status, code, arrives }) => {
    const answer = await fixture.exchange(bytes);
    const found = answer.body.startsWith('{') ? JSON.parse(answer.body) : {};
    expect({ status: answer.status, code: found.code }).toEqual({ status, code });
    expect(seen()).toEqual(arrives ? [{ headers: [], body: '', ...arrives }] : []);
    for (const { header } of fixture.upstream.journal) {
      expect(header('authorization')).toBe('Bearer planted-token-1');
      expect(header('host')).toBe(new URL(fixture.upstream.origin).host);
    }
    const after = await fixture.exchange(rawRequest('GET /api/items'));
    expect(after).toMatchObject({ status: 200, body: 'ok' });
    expect(fixture.upstream.journal).toHaveLength(arrives ? 2 : 1);
  });
});

test('there are at least sixty of them, each with a title of its own', () => {
  expect(new Set(hostileRequests.map(({ title }) => title)).size).toBe(hostileRequests.length);
  expect(hostileRequests.length).toBeGreaterThanOrEqual(60);
});
