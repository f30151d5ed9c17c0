import { connection } from 'next/server';
import { client } from '../instellix.js';

/** Two components send the same request. Within one render React sends it once and gives each a clone of the response. */
export default async function Page() {
  await connection();
  return (
    <>
      <CustomerCount />
      <CustomerNames />
    </>
  );
}

async function CustomerCount() {
  const { customers } = await loadCustomers();
  return <h1>{`${customers.length} customers`}</h1>;
}

async function CustomerNames() {
  const { customers } = await loadCustomers();
  return <p>{customers.map(({ name }) => name).join(', ')}</p>;
}

async function loadCustomers() {
  const response = await client.fetch('/customers');
  if (!response.ok) throw new Error(`GET /customers returned ${response.status}`);
  return response.json();
}
