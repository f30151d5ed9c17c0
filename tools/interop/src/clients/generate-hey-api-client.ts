import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@hey-api/openapi-ts';
import { onTestFinished } from 'vitest';
import { type Connect, type Customer, type Customers, namesOf } from './customer-client.ts';

const name = { type: 'string' };
const customer = { type: 'object', required: ['id', 'name'], properties: { id: { type: 'string' }, name } };
const customers = { type: 'object', properties: { customers: { type: 'array', items: customer } } };
const json = (schema: object) => ({ content: { 'application/json': { schema } } });

/** An OpenAPI document of the operations of the emulator. */
const document = {
  openapi: '3.1.0',
  info: { title: 'Customers', version: '1' },
  paths: {
    '/customers': {
      get: { operationId: 'listCustomers', responses: { 200: { description: 'all', ...json(customers) } } },
      post: {
        operationId: 'createCustomer',
        requestBody: json({ type: 'object', required: ['name'], properties: { name } }),
        responses: { 201: { description: 'created', ...json(customer) } },
      },
    },
  },
};

interface Generated {
  readonly client: { setConfig(config: { baseUrl: string; fetch: typeof fetch }): void };
}

interface Operations {
  listCustomers(options?: { signal?: AbortSignal; throwOnError: true }): Promise<{ data: Customers }>;
  createCustomer(options: { body: { name: string }; throwOnError: true }): Promise<{ data: Customer }>;
}

/** Generates a client with `@hey-api/openapi-ts` for the current test. */
export async function generateHeyApiClient(): Promise<Connect> {
  // Inside of the package, so that the generated code is loaded like its own.
  const folder = mkdtempSync(join(fileURLToPath(new URL('../..', import.meta.url)), '.generated-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await createClient({
    input: document as never,
    output: { path: folder },
    plugins: ['@hey-api/client-fetch', '@hey-api/sdk', '@hey-api/typescript'],
    logs: { level: 'silent' },
  });
  const { client: generated } = (await import(`${folder}/client.gen.ts`)) as Generated;
  const { listCustomers, createCustomer } = (await import(`${folder}/sdk.gen.ts`)) as Operations;
  return (client) => {
    generated.setConfig({ baseUrl: client.environment.apiUrl.href, fetch: client.fetch });
    return {
      list: async (signal) => namesOf((await listCustomers({ throwOnError: true, ...(signal && { signal }) })).data),
      create: async (name) => (await createCustomer({ body: { name }, throwOnError: true })).data.name,
    };
  };
}
