/** A container of the tests: says that it is ready, makes one call for each message, and responds with the status, and the reason of a store that failed. */
import { createInstellixClient } from '@instellix/core';
import { fileTokenStore } from '@instellix/file-store';

let reason = '';
const client = createInstellixClient({
  store: fileTokenStore({ directory: process.env['TOKENS'] }),
  onEvent: (event) => {
    if (event.type === 'store_failed') reason = event.reason;
  },
});
process.on('message', async () => {
  const { status } = await client.fetch('/customers');
  process.send?.(reason ? `${status} ${reason}` : status);
});
process.send?.('ready');
