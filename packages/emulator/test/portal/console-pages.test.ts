import { expect, test } from 'vitest';
import { useEmulators } from '../wire/emulators.ts';
import { signedIn } from './portal-client.ts';

const start = useEmulators();
const page = '/portal/console';

test('an invalid fault shows the problem with the name of the field, and keeps the values', async () => {
  const emulator = await start();
  const client = await signedIn(emulator);
  const fields = { on: 'GET /customers', status: '502', delayMs: '70', times: '9', socket: 'hang' };
  const { status, text } = await client.post(`${page}/fault`, fields, { page });
  expect(status).toBe(400);
  expect(text).toContain('Connection must not be &quot;hang&quot; together with a response status');
  for (const value of ['GET /customers', '502', '70', '9']) expect(text).toContain(`value="${value}"`);
  expect(text).toContain('<option value="hang" selected>');
  expect(await emulator.faults.list()).toEqual([]);
});

test('the page that reloads itself has no fields', async () => {
  const client = await signedIn(await start());
  const live = await client.get(`${page}?live=on`);
  expect(live.headers.get('refresh')).toMatch(/^2;/);
  expect(live.text).not.toContain(`action="${page}`);
  expect((await client.get(page)).text).toContain(`action="${page}/fault"`);
});
