import { expect, test } from 'vitest';
import { findLeaks } from '../../../../tools/leak-watch/find-leaks.ts';
import { ProxyWorld, rawRequest } from './proxy-world.ts';
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
  const world = await ProxyWorld.start();
  world.upstream.script = script;
  const answer = await world.exchange(rawRequest('GET /api/planted?planted', ['X: planted', 'Accept: planted']));
  expect(answer.raw).not.toContain('planted');
  expect(answer.raw).not.toMatch(/127\.0\.0\.1|at .*\.ts|Bearer/);
  expect(world.events).toHaveLength(1);
  expect(world.events.flatMap((event) => findLeaks(event))).toEqual([]);
  if (world.events[0]?.error) expect(findLeaks(world.events[0].error)).toEqual([]);
});
