import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../src/index.ts';
import { START, useEmulators } from '../wire/emulators.ts';
import { tokenRequest } from '../wire/token-call.ts';

const start = useEmulators();
const TTL_MS = 20_000;
const WINDOW_MS = 5_000;

/** A simple model of one client. */
class Model {
  now = Date.parse(START);
  lastIssuedAt = Number.NEGATIVE_INFINITY;
  isActive = true;
  /** All secrets, oldest first, with the end of their validity. */
  readonly secrets: { value: string; endsAt: number }[] = [];
  readonly tokens: { value: string; endsAt: number; isRevoked: boolean }[] = [];

  reasonForSecret(value: string): string {
    const secret = this.secrets.find((candidate) => candidate.value === value);
    if (secret === undefined) return 'wrong_secret';
    if (this.now >= secret.endsAt) return 'secret_expired';
    if (!this.isActive) return 'credential_inactive';
    return this.now < this.lastIssuedAt + WINDOW_MS ? 'throttled' : 'issued';
  }

  rotate(value: string, overlapMs: number): void {
    const [current, ...older] = this.secrets.toReversed();
    if (current !== undefined) current.endsAt = this.now + overlapMs;
    for (const secret of older) secret.endsAt = Math.min(secret.endsAt, this.now);
    this.secrets.push({ value, endsAt: Number.POSITIVE_INFINITY });
  }

  reasonForToken(token: Model['tokens'][number]): string {
    if (token.isRevoked) return 'token_revoked';
    return this.now >= token.endsAt ? 'token_expired' : 'ok';
  }
}

type Step =
  | { readonly do: 'request'; readonly secret: number }
  | { readonly do: 'requestWithWrongSecret' | 'deactivate' | 'reactivate' | 'revokeTokens' | 'expireTokens' }
  | { readonly do: 'call'; readonly token: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'rotate'; readonly overlapMs: number };

const nearby = (...instants: number[]) => fc.constantFrom(...instants.flatMap((ms) => [ms - 1, ms, ms + 1]), 0, 700);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('request' as const), secret: fc.nat(3) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('call' as const), token: fc.nat(4) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: nearby(WINDOW_MS, TTL_MS, 3_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rotate' as const), overlapMs: nearby(3_000, WINDOW_MS) }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...(['requestWithWrongSecret', 'deactivate', 'reactivate', 'revokeTokens', 'expireTokens'] as const).map(
        (name) => ({
          do: name,
        }),
      ),
    ),
  },
);

async function lastReason(emulator: Emulator): Promise<string | undefined> {
  return (await emulator.requests.list()).at(-1)?.reason;
}

async function requestToken(emulator: Emulator, model: Model, clientId: string, clientSecret: string): Promise<void> {
  const expected = model.reasonForSecret(clientSecret);
  const response = await emulator.fetch(tokenRequest(emulator, { clientId, clientSecret }));
  expect(await lastReason(emulator)).toBe(expected);
  expect(response.status).toBe(expected === 'issued' ? 200 : 401);
  if (expected !== 'issued') return;
  const { access_token: value } = (await response.json()) as { access_token: string };
  model.tokens.push({ value, endsAt: model.now + TTL_MS, isRevoked: false });
  model.lastIssuedAt = model.now;
}

async function call(emulator: Emulator, model: Model, index: number): Promise<void> {
  const token = model.tokens.toReversed()[index];
  if (token === undefined) return;
  const headers = { authorization: `Bearer ${token.value}` };
  await emulator.fetch(new Request(`${emulator.url}/some-resource`, { headers }));
  expect(await lastReason(emulator)).toBe(model.reasonForToken(token));
}

async function take(emulator: Emulator, model: Model, clientId: string, step: Step): Promise<void> {
  const { credentials, clock, tokens } = emulator;
  switch (step.do) {
    case 'request': {
      const secret = model.secrets.toReversed()[step.secret]?.value;
      return secret === undefined ? undefined : requestToken(emulator, model, clientId, secret);
    }
    case 'requestWithWrongSecret':
      return requestToken(emulator, model, clientId, 'wrong');
    case 'call':
      return call(emulator, model, step.token);
    case 'advance':
      model.now += step.ms;
      return clock.advance(step.ms);
    case 'rotate':
      return model.rotate(
        (await credentials.rotate(clientId, { overlapMs: step.overlapMs })).clientSecret,
        step.overlapMs,
      );
    case 'deactivate':
      model.isActive = false;
      return credentials.deactivate(clientId);
    case 'reactivate':
      model.isActive = true;
      return credentials.reactivate(clientId);
    case 'revokeTokens':
      for (const token of model.tokens) if (model.now < token.endsAt) token.isRevoked = true;
      return tokens.revokeAll();
    case 'expireTokens':
      for (const token of model.tokens) token.endsAt = Math.min(token.endsAt, model.now);
      return tokens.expireAll();
  }
}

test('throttle, rotation, expiry and revocation in any order match a simple model', async () => {
  const emulator = await start({ tokenTtlSeconds: TTL_MS / 1_000, throttleWindowMs: WINDOW_MS });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
      const model = new Model();
      model.now = emulator.clock.now().getTime();
      const { clientId, clientSecret } = await emulator.credentials.create({ roles: ['reader'] });
      model.secrets.push({ value: clientSecret, endsAt: Number.POSITIVE_INFINITY });
      for (const next of steps) await take(emulator, model, clientId, next);
    }),
    { numRuns: 500 },
  );
}, 60_000);

test('a clock in real time can be advanced past the throttle', async () => {
  await using emulator = await startEmulator({ throttleWindowMs: 600_000 });
  const reason = async (): Promise<string | undefined> => {
    await emulator.fetch(tokenRequest(emulator));
    return lastReason(emulator);
  };
  expect(await reason()).toBe('issued');
  expect(await reason()).toBe('throttled');
  await emulator.clock.advance(600_000);
  expect(await reason()).toBe('issued');
});
