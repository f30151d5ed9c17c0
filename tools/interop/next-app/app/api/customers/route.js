import { describeRefusal } from '@instellix/core';
import { client } from '../../../instellix.js';

export const dynamic = 'force-dynamic';

export async function GET() {
  const response = await client.fetch('/customers');
  const refusal = describeRefusal(response); // it concerns this service, not its caller
  if (refusal) throw refusal;
  return Response.json(await response.json(), { status: response.status });
}

export async function POST(request) {
  const response = await client.fetch('/customers', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: await request.text(),
  });
  return Response.json(await response.json(), { status: response.status });
}
