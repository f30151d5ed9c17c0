import { expect, test } from 'vitest';
import { findLeaks } from '../../../../tools/secret-leak-check/find-leaks.ts';
import { ProxyFixture, rawRequest } from './proxy-fixture.ts';
import { rawAnswer, type Script, saying } from './scripted-upstream.ts';

const scripts: Record<string, Script> = {
  'an answer': saying(rawAnswer('200 OK', 'ok')),
  'a 401 that lasts': saying(rawAnswer('401 No', 'planted', 'WWW-Authenticate: Bearer realm="planted"')),
  'a 403': saying(
    rawAnswer('403 No', 'planted', 'WWW-Authenticate: Bearer error="insufficient_scope", realm="planted"'),
  ),
  'a broken answer': (_, socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'),
  'no HTTP': saying('planted planted\r\n\r\n'),
  'no answer': (_, socket) => void socket.destroy(),
};

test.each(Object.entries(scripts))('no answer and no event shows the token: %s', async (_, script) => {
  const fixture = await ProxyFixture.start();
  fixture.upstream.script = script;
  const answer = await fixture.exchange(rawRequest('GET /api/planted?planted', ['X: planted', 'Accept: planted']));
  expect(answer.raw).not.toContain('planted');
  expect(answer.raw).not.toMatch(/127\.0\.0\.1|at .*\.ts|Bearer/);
  expect(fixture.events).toHaveLength(1);
  expect(fixture.events.flatMap((event) => findLeaks(event))).toEqual([]);
  if (fixture.events[0]?.error) expect(findLeaks(fixture.events[0].error)).toEqual([]);
});
