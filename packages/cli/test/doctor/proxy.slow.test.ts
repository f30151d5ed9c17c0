import { startConnectProxy } from '@instellix/testing/servers';
import { expect, test } from 'vitest';
import { start } from '../emulators.ts';
import { run } from '../run.ts';

test('the doctor passes through a proxy, whose variable it names and whose password it does not print', async () => {
  const { env } = await start();
  await using proxy = await startConnectProxy();
  const HTTP_PROXY = proxy.url.replace('http://', 'http://user:planted-password@');
  const variables = { ...env, HTTP_PROXY, NODE_USE_ENV_PROXY: '1' };
  const { status, stdout } = await run(['doctor', '--path', '/customers'], { env: variables });
  expect(status).toBe(0);
  expect(proxy.tunnels.length).toBeGreaterThan(0);
  expect(stdout).toContain('name resolution: 127.0.0.1 is left to the proxy of HTTP_PROXY.');
  expect(stdout).not.toContain('planted');
});
