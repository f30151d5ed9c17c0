import { expect, test } from 'vitest';
import { useEmulators } from '../../wire/emulators.ts';
import { signedIn } from '../portal-client.ts';

const start = useEmulators();
const page = '/portal/console';

test('a fault that is refused says why in the words of the form, and is not to be typed again', async () => {
  const emulator = await start();
  const client = await signedIn(emulator);
  const fields = { on: 'GET /customers', status: '502', delayMs: '70', times: '9', socket: 'hang' };
  const { status, text } = await client.post(`${page}/fault`, fields, { page });
  expect(status).toBe(400);
  expect(text).toContain('Status must be left empty');
  for (const value of ['GET /customers', '502', '70', '9']) expect(text).toContain(`value="${value}"`);
  expect(text).toContain('<option value="hang" selected>');
  expect(await emulator.faults.list()).toEqual([]);
});

test('what is being typed is not taken away: the page that renews itself has nothing to type into', async () => {
  const client = await signedIn(await start());
  const live = await client.get(`${page}?live=on`);
  expect(live.headers.get('refresh')).toMatch(/^2;/);
  expect(live.text).not.toContain(`action="${page}`);
  expect((await client.get(page)).text).toContain(`action="${page}/fault"`);
});
