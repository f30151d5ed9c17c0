import { describeRefusal, type InstellixClient } from '@instellix/core';
import { json, Router } from 'express';

interface Customer {
  readonly id: string;
  readonly name: string;
}

/** The service's own routes: what it makes of customers is its business, how the API is reached is `req.instellix`'s. */
export function createCustomersRouter(): Router {
  const router = Router();

  router.get('/', async (request, response) => {
    const { customers } = await callApi<{ customers: Customer[] }>(request.instellix, '/customers');
    response.json(customers.map(({ name }) => name));
  });

  // The parser belongs to this route: before the proxy, it would eat what is to be forwarded.
  router.post('/', json({ limit: '10kb' }), async (request, response) => {
    const name: unknown = request.body?.name;
    if (typeof name !== 'string' || name.trim() === '') {
      response.status(422).json({ error: 'name must be a text that is not empty' });
      return;
    }
    const { id } = await callApi<Customer>(request.instellix, '/customers', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name }),
      instellix: { requiredScope: 'customers:write' },
    });
    response.status(201).json({ id });
  });

  return router;
}

/** Calls the API. A response without success becomes an error for the error handlers. */
async function callApi<T>(client: InstellixClient, ...call: Parameters<InstellixClient['fetch']>): Promise<T> {
  const response = await client.fetch(...call);
  if (response.ok) return (await response.json()) as T;
  const refusal = describeRefusal(response);
  response.body?.cancel().catch(() => {});
  throw refusal ?? Object.assign(new Error(`The API responded with ${response.status}.`), { status: 502 });
}
