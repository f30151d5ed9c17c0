import { expect, test } from 'vitest';
import { useEmulators } from '../wire/emulators.ts';
import { signedIn } from './portal-client.ts';

const start = useEmulators();

test('shows the validity of a secret', async () => {
  const emulator = await start();
  const client = await signedIn(emulator);
  const page = async (): Promise<string> => (await client.get('/portal/credential?id=local-client')).text;
  expect(await page()).toContain('>until it is rotated<');
  await emulator.credentials.deactivate('local-client');
  expect(await page()).toContain('>not while the credential is inactive; then until it is rotated<');
  await emulator.credentials.revoke('local-client');
  expect(await page()).toContain('>no, the credential is deleted<');
});
