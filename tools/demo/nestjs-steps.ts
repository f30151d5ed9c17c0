import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { startEmulator } from '@instellix/emulator';
import { startService } from '@instellix/testing/servers';
import type { Step } from './step.ts';

/** The steps of NestJS services. */
export const nestjsSteps: readonly Step[] = [
  {
    title: 'The sample NestJS service runs',
    proves:
      'apps/nestjs-api has two injected clients with a credential each. Its callers see neither a 401 nor a 403 of instellix.',
    async run() {
      await using emulator = await startEmulator();
      const reader = await emulator.credentials.create({ roles: ['reader'] });
      const writer = await emulator.credentials.create({ roles: ['writer'] });
      const main = fileURLToPath(new URL('../../apps/nestjs-api/dist/main.js', import.meta.url));
      const env = {
        ...emulator.env,
        READER_CLIENT_ID: reader.clientId,
        READER_CLIENT_SECRET: reader.clientSecret,
        WRITER_CLIENT_ID: writer.clientId,
        WRITER_CLIENT_SECRET: writer.clientSecret,
      };
      await using service = await startService({ args: [main], env, readyPath: '/health' });
      const customers = `${service.url}/customers`;
      const headers = { 'content-type': 'application/json' };
      const post = () => fetch(customers, { method: 'POST', headers, body: '{"name":"Ada"}' });
      const statuses = [await fetch(`${service.url}/health`), await post(), await fetch(customers)];
      assert.deepEqual(
        statuses.map(({ status }) => status),
        [200, 201, 200],
      );
      assert.equal(await emulator.requests.count({ endpoint: 'token' }), 2);
      await emulator.credentials.setRoles(writer.clientId, ['none']);
      await emulator.tokens.revokeAll();
      const refused = await post();
      const { code } = (await refused.json()) as { code: string };
      assert.deepEqual([refused.status, code], [502, 'insufficient_scope']);
      return `GET /health 200, POST and GET /customers 201 and 200 for 1 token request each; after the role was removed: ${refused.status} with \`${code}\`.`;
    },
  },
];
