import { beforeEach, describe, expect, test } from 'vitest';
import { hostileOptions } from './hostile-request.ts';
import { hostileRequests } from './hostile-requests.ts';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';

let fixture: ProxyFixture;

beforeEach(async () => {
  fixture = await ProxyFixture.start(hostileOptions);
  await fixture.client.getToken();
});

/** Headers that the proxy adds. */
const ours = /^(?:host|connection|via|authorization|content-length|transfer-encoding)$/;

function seen() {
  return fixture.upstream.arrivals.map(({ method, target, headers, body }) => ({
    line: `${method} ${target}`,
    headers: headers.filter(([name]) => !ours.test(name)).map(([name, value]) => `${name}: ${value}`),
    body,
  }));
}

describe('rejects a hostile request, or forwards it without the hostile part:', () => {
  test.each(hostileRequests)('$title', async ({ bytes, status, code, arrives }) => {
    const response = await fixture.exchange(bytes);
    const found = response.body.startsWith('{') ? JSON.parse(response.body) : {};
    expect({ status: response.status, code: found.code }).toEqual({ status, code });
    expect(seen()).toEqual(arrives ? [{ headers: [], body: '', ...arrives }] : []);
    for (const { header } of fixture.upstream.arrivals) {
      expect(header('authorization')).toBe('Bearer planted-token-1');
      expect(header('host')).toBe(new URL(fixture.upstream.origin).host);
    }
    const after = await fixture.exchange(rawRequest('GET /api/items'));
    expect(after).toMatchObject({ status: 200, body: 'ok' });
    expect(fixture.upstream.arrivals).toHaveLength(arrives ? 2 : 1);
  });
});

test('has at least sixty cases, each with its own title', () => {
  expect(new Set(hostileRequests.map(({ title }) => title)).size).toBe(hostileRequests.length);
  expect(hostileRequests.length).toBeGreaterThanOrEqual(60);
});
