import { diag } from '@opentelemetry/api';
import { expect, onTestFinished, test, vi } from 'vitest';
import { observeInstellixClient } from '../src/index.ts';
import { createClient } from './create-client.ts';

// In a file of its own, because the API warns once in a process.
test('does nothing without an SDK, and causes no warning about its lack', async () => {
  const warn = vi.fn();
  diag.setLogger({ error: warn, warn, info() {}, debug() {}, verbose() {} });
  onTestFinished(() => diag.disable());
  const { client } = createClient();
  const observation = observeInstellixClient(client);
  await client.getToken();
  observation.stop();
  expect(warn).not.toHaveBeenCalled();
});
