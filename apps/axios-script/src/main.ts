/**
 * Adds a customer and lists them all.
 *
 * Usage: node src/main.ts NAME, with the INSTELLIX_ variables set (docs/environments.md).
 */
import { createInstellixAxios } from '@instellix/axios-interceptor';
import { createInstellixClient, isInstellixError } from '@instellix/core';
import { isAxiosError } from 'axios';

interface Customer {
  readonly id: string;
  readonly name: string;
}

class UsageError extends Error {}

async function main(args: readonly string[]): Promise<void> {
  const [name, ...others] = args;
  if (!name?.trim() || others.length > 0) throw new UsageError('Usage: node src/main.ts NAME');
  await using client = createInstellixClient();
  const api = createInstellixAxios(client, { timeout: 60_000 });

  const created = await api.post<Customer>('/customers', { name }, { instellix: { requiredScope: 'customers:write' } });
  console.log(`Created ${created.data.name} (${created.data.id})`);

  const list = await api.get<{ customers: Customer[] }>('/customers');
  for (const customer of list.data.customers) console.log(`- ${customer.name}`);
}

/** Returns one line for the terminal. */
function explain(error: unknown): string {
  // A refusal of instellix is the error itself, or the cause of an AxiosError for a 401 or 403.
  const reason = isAxiosError(error) && isInstellixError(error.cause) ? error.cause : error;
  if (!isAxiosError(reason)) return reason instanceof Error ? reason.message : String(reason);
  return reason.response
    ? `The API responded with ${reason.response.status}.`
    : `The API cannot be reached: ${reason.message}.`;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(explain(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
