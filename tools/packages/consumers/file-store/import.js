import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInstellixClient } from '@instellix/core';
import { fileTokenStore } from '@instellix/file-store';
import { startTokenServer } from './token-server.cjs';

const { server, url } = await startTokenServer();
const directory = mkdtempSync(join(tmpdir(), 'packed-'));
const origins = [];
for (let process = 0; process < 2; process++) {
  const client = createInstellixClient({
    environment: { apiUrl: url },
    realm: 'r',
    clientId: 'c',
    clientSecret: 's',
    store: fileTokenStore({ directory }),
    onEvent: (event) => {
      if (event.type === 'token_obtained') origins.push(event.from);
      assert.notEqual(event.type, 'store_failed');
    },
  });
  assert.equal((await client.getToken()).value, 'packed');
  await client.close();
}
assert.deepEqual(origins, ['endpoint', 'store']);
rmSync(directory, { recursive: true });
server.closeAllConnections();
server.close();
