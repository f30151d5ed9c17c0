import { inspect } from 'node:util';
import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import type { InstellixClientOptions } from '../../src/configuration/instellix-client-options.ts';
import { type Configuration, resolveConfiguration } from '../../src/configuration/resolve-configuration.ts';
import { ConfigurationError } from '../../src/error/configuration-error.ts';
import { clearVariables, setVariables, type Variables } from './variables.ts';

beforeEach(clearVariables);

const secret = 'pl4nted-hunter2';

const throws = () => {
  throw new Error('thrown by a trap');
};
/** Create objects that throw when they are read. Called after generation, because fast-check reads values, too. */
const hostileFactories: (() => object)[] = [
  () => new Proxy({}, { get: throws }),
  () => new Proxy({}, { ownKeys: throws }),
  () => new Proxy({}, { get: throws, ownKeys: throws, has: throws, getPrototypeOf: throws }),
  () => new Proxy(() => {}, { apply: throws, get: throws }),
  () => new Proxy({}, { get: () => secret }),
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  () => ({ toString: throws, valueOf: throws, toJSON: throws, [Symbol.toPrimitive]: throws }),
  () => Object.defineProperty({}, Symbol.toStringTag, { get: throws }),
  () => Object.freeze(Object.create(null)),
];
const junk = fc.oneof(
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
  fc.anything({ withNullPrototype: true, withObjectString: true, withBoxedValues: true, withSparseArray: true }),
  fc.constantFrom(...hostileFactories),
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.constantFrom(
    Symbol('s'),
    () => {},
    class {},
    /x/,
    new Error('e'),
    new URL('https://a.example'),
    Promise.resolve(1),
  ),
);
/** The secret, alone and in the forms in which it is passed by mistake. */
const planted = fc.constantFrom<unknown[]>(
  secret,
  `${secret}\n`,
  ` ${secret}`,
  `${secret}\u0000`,
  `${secret}\ud800`,
  [secret],
  { secret },
  { value: secret, toString: () => secret },
  new Error(secret),
  Promise.resolve(secret),
  Symbol(secret),
  () => secret,
);
const inUrl = fc.constantFrom(
  `id:${secret}`,
  `../${secret}`,
  `https://id:${secret}@a.example`,
  `http://${secret}@a.example/?secret=${secret}`,
  `https://a.example/${secret}#${secret}`,
  `//a.example?${secret}`,
);
const mixedUp = fc.oneof(inUrl, fc.constantFrom(`${secret}\t`, `\u0000${secret}`));
const record = (shape: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(shape, { requiredKeys: [], noNullPrototype: true });
const nested = (...keys: string[]) =>
  fc.oneof(junk, record({ ...Object.fromEntries(keys.map((key) => [key, fc.oneof(junk, inUrl)])) }));
const valid = { environment: 'sandbox', realm: 'acme', clientId: 'id', clientSecret: secret };
const anyOptions = {
  environment: fc.oneof(inUrl, nested('apiUrl', 'tokenUrl', 'name', 'allowHttp')),
  realm: fc.oneof(mixedUp, planted, junk),
  clientId: fc.oneof(mixedUp, planted, junk),
  clientSecret: fc.oneof(
    planted,
    mixedUp,
    junk,
    fc.oneof(planted, mixedUp, junk).map((value) => () => create(value)),
  ),
  store: fc.oneof(planted, nested('read', 'claim', 'commit', 'release', 'remove')),
  tokenRequest: nested('bodyFormat', 'basicEncoding', 'scope', 'timeoutMs', 'minIntervalMs', 'maxWaitMs'),
  refresh: nested('atFraction', 'jitterFraction', 'expiryMarginMs'),
  fetch: fc.oneof(planted, junk),
  clock: fc.oneof(planted, nested('now', 'monotonic', 'sleep')),
  onEvent: fc.oneof(planted, junk),
  unknown: junk,
};
const options = fc.oneof(
  junk,
  record(anyOptions),
  // One option is arbitrary, and all others are valid.
  ...Object.entries(anyOptions).map(([key, value]) => value.map((part) => ({ ...valid, [key]: part }))),
);
const variables: fc.Arbitrary<Variables> = fc.record(
  {
    INSTELLIX_ENVIRONMENT: fc.oneof(fc.constantFrom('production', 'preview', ''), fc.string()),
    INSTELLIX_API_URL: fc.oneof(fc.webUrl(), mixedUp, fc.string()),
    INSTELLIX_TOKEN_URL: fc.oneof(fc.webUrl(), mixedUp, fc.string()),
    INSTELLIX_REALM: fc.oneof(mixedUp, fc.string()),
    INSTELLIX_CLIENT_ID: fc.oneof(mixedUp, fc.string()),
    INSTELLIX_CLIENT_SECRET: fc.constantFrom(secret, ` ${secret}`, `${secret}\u0007`),
    INSTELLIX_MIN_INTERVAL_MS: fc.oneof(fc.constantFrom(secret, '0', '250', '-1'), fc.string()),
    // The secret itself in the variable for the path of its file.
    INSTELLIX_CLIENT_SECRET_FILE: fc.constantFrom(
      secret,
      `${secret}\n`,
      '/',
      '/dev/null',
      '/dev/zero',
      '/does/not/exist',
    ),
  },
  { requiredKeys: [] },
);

/** Replaces factories by hostile objects. */
function create(value: unknown): unknown {
  const factory = hostileFactories.find((candidate) => candidate === value);
  if (factory) return factory();
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, create(part)]));
}

/** Expects a ConfigurationError that shows no secret. */
function expectGoodError(error: unknown): void {
  if (!(error instanceof ConfigurationError)) throw error;
  expect(error.problems.length).toBeGreaterThan(0);
  for (const problem of error.problems) expect(problem).toMatch(/^\S[^\n]{20,}[^.?!]\.$/u);
  const shown = `${inspect(error, { depth: 9, showHidden: true })}${error.stack}${JSON.stringify(error)}`;
  expect(shown).not.toContain(secret);
}

it('throws only ConfigurationErrors for any input, in full sentences and without the secret', {
  timeout: 60_000,
}, async () => {
  const outcomes = { refused: 0, accepted: 0, refusedLater: 0 };
  await fc.assert(
    fc.asyncProperty(options, fc.oneof(fc.constant({}), variables), async (given, set) => {
      clearVariables();
      setVariables(set);
      let configuration: Configuration;
      try {
        configuration = resolveConfiguration(create(given) as InstellixClientOptions);
      } catch (error) {
        outcomes.refused++;
        return expectGoodError(error);
      }
      outcomes.accepted++;
      expect(configuration.environment.apiUrl.pathname).toMatch(/\/$/);
      expect(configuration.environment.tokenUrl.username).toBe('');
      try {
        expect(await configuration.readSecret()).toMatch(/^\S/);
      } catch (error) {
        outcomes.refusedLater++;
        // Without the cause, which the function of the caller has thrown.
        expectGoodError(error instanceof ConfigurationError ? new ConfigurationError(error.problems) : error);
      }
    }),
    { numRuns: 1_500 },
  );
  for (const count of Object.values(outcomes)) expect(count).toBeGreaterThan(0);
});
