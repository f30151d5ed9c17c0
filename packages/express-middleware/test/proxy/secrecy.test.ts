import { findLeaks } from '@instellix/testing';
import { expect, test } from 'vitest';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';
import { rawResponse, type Script, saying } from './scripted-upstream.ts';

const scripts: Record<string, Script> = {
  'a response': saying(rawResponse('200 OK', 'ok')),
  'a 401 that lasts': saying(rawResponse('401 No', 'planted', 'WWW-Authenticate: Bearer realm="planted"')),
  'a 403': saying(
    rawResponse('403 No', 'planted', 'WWW-Authenticate: Bearer error="insufficient_scope", realm="planted"'),
  ),
  'a 403 that names the token as a scope': saying(
    rawResponse('403 No', '', 'WWW-Authenticate: Bearer error="insufficient_scope", scope="planted-token-1"'),
  ),
  'an incomplete response': (_, socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'),
  'no HTTP': saying('planted planted\r\n\r\n'),
  'no response': (_, socket) => void socket.destroy(),
};

test.each(Object.entries(scripts))('no response and no event contains the token: %s', async (_, script) => {
  const fixture = await ProxyFixture.start();
  fixture.upstream.script = script;
  const response = await fixture.exchange(rawRequest('GET /api/planted?planted', ['X: planted', 'Accept: planted']));
  expect(response.raw).not.toContain('planted');
  expect(response.raw).not.toMatch(/127\.0\.0\.1|at .*\.ts|Bearer/);
  expect(fixture.events).toHaveLength(1);
  expect(fixture.events.flatMap((event) => findLeaks(event))).toEqual([]);
  if (fixture.events[0]?.error) expect(findLeaks(fixture.events[0].error)).toEqual([]);
});
