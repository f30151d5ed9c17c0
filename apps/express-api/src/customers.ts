import { describeRefusal, type InstellixClient } from '@instellix/core';
import { json, Router } from 'express';

interface Customer {
  readonly id: string;
  readonly name: string;
}

/** The service's own routes. They call the API through `req.instellix`. */
export function createCustomersRouter(): Router {
  const router = Router();

  router.get('/', async (request, response) => {
    const { customers } = await callApi<{ customers: Customer[] }>(request.instellix, '/customers');
    response.json(customers.map(({ name }) => name));
  });

  // The parser is on this route only: before the proxy, it would consume the body that the proxy forwards.
  router.post('/', json({ limit: '10kb' }), async (request, response) => {
    const name: unknown = request.body?.name;
    if (typeof name !== 'string' || name.trim() === '') {
      response.status(422).json({ error: 'name must be a non-empty string' });
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

/** Calls the API. Throws an error for the error handlers unless the response is a success. */
async function callApi<T>(client: InstellixClient, ...call: Parameters<InstellixClient['fetch']>): Promise<T> {
  const response = await client.fetch(...call);
  if (response.ok) return (await response.json()) as T;
  const refusal = describeRefusal(response);
  response.body?.cancel().catch(() => {});
  throw refusal ?? Object.assign(new Error(`The API responded with ${response.status}.`), { statusCode: 502 });
}
