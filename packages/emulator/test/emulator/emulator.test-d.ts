import {
  type Emulator,
  type Fault,
  type Reason,
  type RequestEntry,
  type Role,
  startEmulator,
} from '../../src/index.ts';

// Compiled, not run: correct code must compile, and wrong code must not.
export async function use(): Promise<void> {
  await using emulator: Emulator = await startEmulator({
    port: 0,
    clock: new Date(),
    tokenTtlSeconds: 300,
    throttleWindowMs: 5_000,
    database: ':memory:',
    seed: {
      credentials: [{ clientId: 'a', clientSecret: 'b', roles: ['reader'] }],
      customers: [{ name: 'x', vip: true }],
    },
  });
  const env: Record<`INSTELLIX_${string}`, string> = emulator.env;
  const roles: Role[] = ['reader', 'writer', 'none', 'admin', 'auditor'];
  const pair: { clientId: string; clientSecret: string } = await emulator.credentials.create({ roles });
  const rotated: { clientSecret: string } = await emulator.credentials.rotate(pair.clientId, { overlapMs: 0 });
  const entries: RequestEntry[] = await emulator.requests.waitFor(
    { endpoint: 'token', since: 0 },
    { count: 1, timeoutMs: 1 },
  );
  const reason: Reason | undefined = entries[0]?.reason;
  const fault: Fault = { on: 'POST /customers', nth: 2, respond: { status: 500 } };
  const { id, hits, remove }: { id: string; hits: number; remove(): Promise<void> } = await emulator.faults.add(fault);
  const now: Date = emulator.clock.now();
  const response: Response = await emulator.fetch(new Request(emulator.url));
  void [env, rotated, reason, id, hits, remove, now, response];

  // @ts-expect-error the port is a number
  await startEmulator({ port: '0' });
  // @ts-expect-error unknown option
  await startEmulator({ ttl: 1 });
  // @ts-expect-error unknown role
  await emulator.credentials.create({ roles: ['boss'] });
  // @ts-expect-error the overlap has no default
  await emulator.credentials.rotate('a');
  // @ts-expect-error a path begins with a slash
  await emulator.faults.add({ on: 'GET customers', delayMs: 1 });
  // @ts-expect-error unknown reason
  await emulator.requests.count({ reason: 'denied' });
  // @ts-expect-error read-only
  emulator.clientSecret = 'x';
}
