import assert from 'node:assert/strict';
import { startEmulator } from '@instellix/emulator';
import type { Chapter } from './chapters.ts';
import { startService } from './service.ts';

/** Chapters of services that are built with NestJS. */
export const nestjsChapters: readonly Chapter[] = [
  {
    title: 'The NestJS service does its work',
    proves:
      'Two injected clients with a credential each; an operator sees health and reasons, a caller neither 401 nor 403.',
    async run() {
      await using emulator = await startEmulator();
      const reader = await emulator.credentials.create({ roles: ['reader'] });
      const writer = await emulator.credentials.create({ roles: ['writer'] });
      await using service = await startService('../../apps/nestjs-api/dist/main.js', {
        ...emulator.env,
        READER_CLIENT_ID: reader.clientId,
        READER_CLIENT_SECRET: reader.clientSecret,
        WRITER_CLIENT_ID: writer.clientId,
        WRITER_CLIENT_SECRET: writer.clientSecret,
      });
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
      return `GET /health 200, POST and GET /customers 201 and 200 for 1 token request each; its right taken away: ${refused.status} with \`${code}\`.`;
    },
  },
];
