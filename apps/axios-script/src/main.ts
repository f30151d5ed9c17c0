/**
 * Adds a customer and lists them all.
 *
 * Usage: node src/main.ts NAME, with the INSTELLIX_ variables set (docs/environments.md).
 */
import { createInstellixClient, describeRefusal, isInstellixError } from '@instellix/core';
import axios, { isAxiosError } from 'axios';

interface Customer {
  readonly id: string;
  readonly name: string;
}

async function main(name: string | undefined): Promise<void> {
  if (!name) throw new Error('Usage: node src/main.ts NAME');
  await using client = createInstellixClient();
  const api = axios.create({ baseURL: client.environment.apiUrl.href, timeout: 30_000 });
  const authorization = async () => ({ Authorization: `Bearer ${(await client.getToken()).value}` });

  const created = await api.post<Customer>('customers', { name }, { headers: await authorization() });
  console.log(`Created ${created.data.name} (${created.data.id})`);

  const list = await api.get<{ customers: Customer[] }>('customers', { headers: await authorization() });
  for (const customer of list.data.customers) console.log(`- ${customer.name}`);
}

/** One line for the person at the terminal; an AxiosError printed whole would show the token. */
function explain(error: unknown): string {
  if (isAxiosError(error) && error.response) {
    const { status, headers } = error.response;
    const refusal = describeRefusal({ status, headers: new Headers(headers as Record<string, string>) });
    return refusal?.message ?? `The API answered ${status}.`;
  }
  if (isInstellixError(error) || (error instanceof Error && !isAxiosError(error))) return error.message;
  return isAxiosError(error) ? `The API cannot be reached (${error.code}).` : String(error);
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(explain(error));
  process.exitCode = 1;
});
