import { expect, test } from 'vitest';
import { useEmulators } from '../../wire/emulators.ts';
import { signedIn } from '../portal-client.ts';

const start = useEmulators();

test('nobody is told that a secret works which does not', async () => {
  const emulator = await start();
  const client = await signedIn(emulator);
  const page = async (): Promise<string> => (await client.get('/portal/credential?id=local-client')).text;
  expect(await page()).toContain('>until it is rotated<');
  await emulator.credentials.deactivate('local-client');
  expect(await page()).toContain('>not while inactive; then until it is rotated<');
  await emulator.credentials.revoke('local-client');
  expect(await page()).toContain('>never again<');
});
