import { beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/clock/system-clock.ts';
import type { InstellixClientOptions } from '../../src/configuration/instellix-client-options.ts';
import { type Configuration, resolveConfiguration } from '../../src/configuration/resolve-configuration.ts';
import { invalidConfigurations } from './invalid-configurations.ts';
import { problemsOf } from './problems-of.ts';
import { clearVariables, setVariables } from './variables.ts';

const valid: InstellixClientOptions = {
  environment: 'sandbox',
  realm: 'acme',
  clientId: 'orders-service',
  clientSecret: 'correct horse battery staple',
};

beforeEach(clearVariables);

describe('an invalid configuration is refused with sentences that say what to change', () => {
  it.each(invalidConfigurations)('$title', ({ options, variables, problem }) => {
    setVariables(variables ?? {});
    const given = typeof options === 'function' ? options() : { ...(variables ? {} : valid), ...options };
    const problems = problemsOf(() => resolveConfiguration(given as InstellixClientOptions));
    const expected = [problem].flat();
    expect(problems).toEqual(
      expected.map((sentence) => (sentence instanceof RegExp ? expect.stringMatching(sentence) : sentence)),
    );
    for (const sentence of problems) expect(sentence).toMatch(/^\S.{20,}[^.?!]\.$/);
  });

  it('covers at least 60 mistakes, each once', () => {
    expect(invalidConfigurations.length).toBeGreaterThanOrEqual(60);
    expect(new Set(invalidConfigurations.map(({ title }) => title)).size).toBe(invalidConfigurations.length);
  });
});

describe('resolveConfiguration', () => {
  it('names variables that are probably misspelled when something is wrong', () => {
    vi.stubEnv('INSTELLIX_CLIENTID', 'reader');
    expect(problemsOf(() => resolveConfiguration())).toContain(
      'Set, but not read by any client: INSTELLIX_CLIENTID. Check the spelling.',
    );
    expect(problemsOf(() => resolveConfiguration(valid))).toEqual([]);
    vi.stubEnv('INSTELLIX_CLIENTID', undefined);
  });

  it('names the variable when the environment comes from it', () => {
    setVariables({ INSTELLIX_ENVIRONMENT: 'live' });
    expect(problemsOf(() => resolveConfiguration()).join()).toMatch(/^The variable INSTELLIX_ENVIRONMENT must be/);
  });

  it('requires four options or four variables', () => {
    const fromOptions = resolveConfiguration(valid);
    setVariables({
      INSTELLIX_ENVIRONMENT: 'sandbox',
      INSTELLIX_REALM: 'acme',
      INSTELLIX_CLIENT_ID: 'orders-service',
      INSTELLIX_CLIENT_SECRET: 'correct horse battery staple',
    });
    const fromVariables = resolveConfiguration();
    for (const { environment, realm, clientId } of [fromOptions, fromVariables]) {
      expect(environment.tokenUrl.href).toBe('https://api.sandbox.instellix.io/acme/oauth2/token');
      expect({ realm, clientId }).toEqual({ realm: 'acme', clientId: 'orders-service' });
    }
  });

  it('uses the documented defaults for everything that is left out', () => {
    const { tokenRequest, refresh, store, clock, onEvent } = resolveConfiguration(valid);
    expect({ tokenRequest, refresh, store, onEvent }).toEqual({
      tokenRequest: {
        bodyFormat: 'multipart',
        basicEncoding: 'raw',
        scope: undefined,
        timeoutMs: 10_000,
        minIntervalMs: 5_500,
        maxWaitMs: 30_000,
      },
      refresh: { atFraction: 0.8, jitterFraction: 0.05, expiryMarginMs: undefined },
      store: undefined,
      onEvent: undefined,
    });
    expect(clock).toBe(systemClock);
  });

  it('gives each option precedence over its variable', async () => {
    setVariables({
      INSTELLIX_ENVIRONMENT: 'production',
      INSTELLIX_REALM: 'variable-realm',
      INSTELLIX_CLIENT_ID: 'variable-id',
      INSTELLIX_CLIENT_SECRET: 'variable-secret',
    });
    const { environment, realm, clientId, readSecret } = resolveConfiguration(valid);
    expect([environment.name, realm, clientId, await readSecret()]).toEqual([
      'sandbox',
      'acme',
      'orders-service',
      'correct horse battery staple',
    ]);
    const mixed = resolveConfiguration({ realm: 'acme' });
    expect([mixed.environment.name, mixed.realm, mixed.clientId]).toEqual(['production', 'acme', 'variable-id']);
  });

  it('ignores an invalid variable whose option is given', () => {
    setVariables({
      INSTELLIX_ENVIRONMENT: 'prod',
      INSTELLIX_REALM: 'a/b',
      INSTELLIX_CLIENT_SECRET_FILE: '/does/not/exist',
    });
    expect(problemsOf(() => resolveConfiguration(valid))).toEqual([]);
  });

  it('treats an empty variable as not set, as shells and compose files leave them', () => {
    setVariables({ INSTELLIX_API_URL: '', INSTELLIX_CLIENT_SECRET: '', INSTELLIX_REALM: '' });
    expect(resolveConfiguration(valid).environment.apiUrl.href).toBe('https://api.sandbox.instellix.io/');
    const { realm: _, ...others } = valid;
    expect(problemsOf(() => resolveConfiguration(others))).toEqual([
      expect.stringMatching(/^realm \(variable INSTELLIX_REALM\) is missing/),
    ]);
  });

  it('reports all problems at once', () => {
    const problems = problemsOf(() =>
      resolveConfiguration({
        environment: 'prod',
        realm: 'a/b',
        clientId: 'a:b',
        clientSecret: ' ',
        store: {},
        tokenRequest: { timeoutMs: -1, scope: '' },
        refresh: { atFraction: 2, expiryMarginMs: Number.NaN },
        fetch: 1,
        clock: null,
        onEvent: 'log',
        extra: true,
      } as unknown as InstellixClientOptions),
    );
    for (const subject of [
      /^environment /,
      /^realm /,
      /^clientId /,
      /^clientSecret /,
      /^store /,
      /^tokenRequest.timeoutMs /,
      /^tokenRequest.scope /,
      /^refresh.atFraction /,
      /^refresh.expiryMarginMs /,
      /^fetch /,
      /^clock /,
      /^onEvent /,
      /"extra"/,
    ]) {
      expect(problems.filter((problem) => subject.test(problem))).toHaveLength(1);
    }
    expect(problems).toHaveLength(13);
  });

  it('names option and variable of everything that is missing', () => {
    expect(problemsOf(() => resolveConfiguration())).toEqual([
      expect.stringMatching(/^environment .*INSTELLIX_ENVIRONMENT.*production, sandbox, stage.*INSTELLIX_API_URL/),
      expect.stringMatching(/^realm .*INSTELLIX_REALM/),
      expect.stringMatching(/^clientId .*INSTELLIX_CLIENT_ID/),
      expect.stringMatching(/^clientSecret .*INSTELLIX_CLIENT_SECRET or INSTELLIX_CLIENT_SECRET_FILE/),
    ]);
  });

  it('is not affected by later changes to the options', async () => {
    const apiUrl = new URL('https://one.example.com');
    const options = {
      ...valid,
      environment: { apiUrl },
      tokenRequest: { scope: 'orders:read', timeoutMs: 1_000 },
      refresh: { atFraction: 0.5 },
    };
    const configuration = resolveConfiguration(options);
    apiUrl.host = 'two.example.com';
    options.environment.apiUrl = new URL('https://three.example.com');
    Object.assign(options.tokenRequest, { scope: 'all', timeoutMs: 1 });
    Object.assign(options.refresh, { atFraction: 0.1 });
    Object.assign(options, { realm: 'other', clientId: 'other', clientSecret: 'other' });
    expect(configuration.environment.tokenUrl.href).toBe('https://one.example.com/acme/oauth2/token');
    expect(configuration.tokenRequest).toMatchObject({ scope: 'orders:read', timeoutMs: 1_000 });
    expect(configuration.refresh.atFraction).toBe(0.5);
    expect([configuration.realm, configuration.clientId, await configuration.readSecret()]).toEqual([
      'acme',
      'orders-service',
      'correct horse battery staple',
    ]);
  });

  it('reads each option once, so that a getter cannot return another value after the check', () => {
    let reads = 0;
    const options = {
      ...valid,
      get realm() {
        reads++;
        return reads === 1 ? 'acme' : '../admin';
      },
    };
    expect(resolveConfiguration(options).environment.tokenUrl.pathname).toBe('/acme/oauth2/token');
    expect(reads).toBe(1);
  });

  it('looks up `fetch` of the platform at each call, so that instrumentation installed later sees token requests', async () => {
    const { fetch } = resolveConfiguration(valid);
    const response = new Response('patched');
    vi.stubGlobal('fetch', async () => response);
    try {
      expect(await fetch('https://api.example.com')).toBe(response);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('calls a given fetch without `this`, which browsers require', async () => {
    const seen: unknown[] = [];
    const settings = resolveConfiguration({
      ...valid,
      async fetch(this: unknown, ...given: unknown[]) {
        seen.push(this, ...given);
        return new Response();
      },
    });
    const init = { method: 'POST' };
    await settings.fetch('https://api.example.com', init);
    expect(seen).toEqual([undefined, 'https://api.example.com', init]);
  });

  it('returns the given store and listener, and a clock with the given times', () => {
    const nothing = async () => undefined;
    const store = { read: nothing, claim: nothing, commit: nothing, release: nothing, remove: nothing } as never;
    const clock = { now: () => 1, monotonic: () => 2, sleep: async () => {} };
    const onEvent = () => {};
    const configuration = resolveConfiguration({ ...valid, store, clock, onEvent });
    expect(configuration.store).toBe(store);
    expect([configuration.clock.now(), configuration.clock.monotonic()]).toEqual([1, 2]);
    expect(configuration.onEvent).toBe(onEvent);
  });

  it('works without a process, as in a browser', () => {
    vi.stubGlobal('process', undefined);
    const resolve = () => resolveConfiguration(valid).environment.name;
    const countProblems = () => problemsOf(() => resolveConfiguration());
    const outcomes = [resolve(), countProblems().length];
    vi.unstubAllGlobals();
    expect(outcomes).toEqual(['sandbox', 4]);
  });
});

describe('options of any object', () => {
  const summarize = async ({
    environment,
    realm,
    clientId,
    readSecret,
    tokenRequest,
    refresh,
    onEvent,
  }: Configuration) => ({
    href: environment.tokenUrl.href,
    realm,
    clientId,
    secret: await readSecret(),
    minIntervalMs: tokenRequest.minIntervalMs,
    atFraction: refresh.atFraction,
    hasListener: onEvent !== undefined,
  });
  const expected = {
    href: 'http://10.0.0.1/acme/oauth2/token',
    realm: 'acme',
    clientId: 'id',
    secret: 'secret',
    minIntervalMs: 7,
    atFraction: 0.5,
    hasListener: true,
  };
  const literal = {
    environment: { apiUrl: 'http://10.0.0.1', allowHttp: true },
    realm: 'acme',
    clientId: 'id',
    clientSecret: 'secret',
    tokenRequest: { minIntervalMs: 7 },
    refresh: { atFraction: 0.5 },
    onEvent: () => {},
  };
  const reads: string[] = [];
  beforeEach(() => void reads.splice(0));

  /** Defines a getter for each key on the prototype of a class, as configuration services do. */
  function withGetters(options: object): object {
    class Options {}
    for (const [key, value] of Object.entries(options)) {
      const given = Object.getPrototypeOf(value) === Object.prototype ? withGetters(value) : value;
      Object.defineProperty(Options.prototype, key, {
        get() {
          expect(this).toBeInstanceOf(Options);
          reads.push(key);
          return given;
        },
      });
    }
    return new Options();
  }
  const inherited = (options: object): object =>
    Object.create(
      Object.fromEntries(
        Object.entries(options).map(([key, value]) => [
          key,
          Object.getPrototypeOf(value) === Object.prototype ? inherited(value) : value,
        ]),
      ),
    );
  const frozen = Object.freeze({ ...literal, tokenRequest: Object.freeze(literal.tokenRequest) });

  it.each<[string, () => object]>([
    ['a literal', () => literal],
    ['a frozen object', () => frozen],
    ['an object without prototype', () => Object.assign(Object.create(null), literal)],
    ['a class with getters, nested options included', () => withGetters(literal)],
    ['prototypes, nested options included', () => inherited(literal)],
    ['an object with symbols', () => ({ ...literal, [Symbol('x')]: 1, [Symbol.toStringTag]: 'Options' })],
  ])('reads %s', async (_, create) => {
    expect(await summarize(resolveConfiguration(create() as InstellixClientOptions))).toEqual(expected);
  });

  it('reads the getter of each option once', () => {
    resolveConfiguration(withGetters(literal) as InstellixClientOptions);
    expect(reads.toSorted()).toEqual(
      [...Object.keys(literal), 'apiUrl', 'allowHttp', 'minIntervalMs', 'atFraction'].toSorted(),
    );
  });

  it('treats undefined as left out for everything but the identity', () => {
    const { environment, realm, clientId, clientSecret } = valid as Required<typeof valid>;
    const configuration = resolveConfiguration({
      environment,
      realm,
      clientId,
      clientSecret,
      store: undefined,
      fetch: undefined,
      clock: undefined,
      onEvent: undefined,
      tokenRequest: { bodyFormat: undefined, basicEncoding: undefined, scope: undefined, timeoutMs: undefined },
      refresh: undefined,
    });
    expect(configuration.tokenRequest).toMatchObject({ bodyFormat: 'multipart', timeoutMs: 10_000 });
    expect(configuration.clock).toBe(systemClock);
  });

  it.each(['environment', 'realm', 'clientId', 'clientSecret'])(
    'does not fall back to the variable when %s is present and undefined',
    (key) => {
      setVariables({
        INSTELLIX_ENVIRONMENT: 'production',
        INSTELLIX_REALM: 'other-realm',
        INSTELLIX_CLIENT_ID: 'other-id',
        INSTELLIX_CLIENT_SECRET: 'other-secret',
      });
      const problem = `${key} is present but undefined: give it a value, or leave the key out.`;
      for (const given of [{ ...valid, [key]: undefined }, Object.create({ ...valid, [key]: undefined })]) {
        expect(problemsOf(() => resolveConfiguration(given))).toEqual([problem]);
      }
    },
  );
});

describe('a polluted Object.prototype', () => {
  const prototype = Object.prototype as Record<string, unknown>;
  const pollution: Record<string, unknown> = {
    environment: { apiUrl: 'https://evil.example' },
    realm: 'evil',
    clientId: 'evil',
    clientSecret: 'evil',
    store: 'evil',
    tokenRequest: { minIntervalMs: 1 },
    refresh: { atFraction: 0.1 },
    fetch: async () => new Response('evil'),
    onEvent: () => {},
    apiUrl: 'https://evil.example',
    tokenUrl: 'https://evil.example/token',
    name: 'evil',
    allowHttp: true,
    scope: 'evil',
    minIntervalMs: 1,
    bodyFormat: 'urlencoded',
    atFraction: 0.1,
    INSTELLIX_ENVIRONMENT: 'production',
    INSTELLIX_API_URL: 'https://evil.example',
    INSTELLIX_TOKEN_URL: 'https://evil.example/token',
    INSTELLIX_REALM: 'evil',
    INSTELLIX_CLIENT_ID: 'evil',
    INSTELLIX_CLIENT_SECRET: 'evil',
    INSTELLIX_CLIENT_SECRET_FILE: '/evil/file',
    INSTELLIX_MIN_INTERVAL_MS: '1',
  };
  const whilePolluted = <T>(run: () => T): T => {
    // `process.env` finds what is on Object.prototype, too, once the variables are unset.
    for (const name of Object.keys(pollution)) if (name.startsWith('INSTELLIX_')) delete process.env[name];
    for (const [key, value] of Object.entries(pollution)) {
      Object.defineProperty(prototype, key, { value, configurable: true, writable: true });
    }
    try {
      return run();
    } finally {
      for (const key of Object.keys(pollution)) delete prototype[key];
    }
  };

  it('does not provide options that are left out', () => {
    expect(whilePolluted(() => problemsOf(() => resolveConfiguration({})))).toHaveLength(4);
    expect(whilePolluted(() => problemsOf(() => resolveConfiguration()))).toHaveLength(4);
  });

  it('does not change a named environment, request options or defaults', async () => {
    const { environment, tokenRequest, refresh, store, onEvent } = whilePolluted(() => resolveConfiguration(valid));
    expect(environment.tokenUrl.href).toBe('https://api.sandbox.instellix.io/acme/oauth2/token');
    expect(tokenRequest).toMatchObject({ minIntervalMs: 5_500, bodyFormat: 'multipart', scope: undefined });
    expect(refresh.atFraction).toBe(0.8);
    expect([store, onEvent]).toEqual([undefined, undefined]);
  });

  it('does not change a custom environment', () => {
    const custom = { ...valid, environment: { apiUrl: 'https://api.example' } };
    const { environment } = whilePolluted(() => resolveConfiguration(custom));
    expect([environment.name, environment.tokenUrl.href]).toEqual(['custom', 'https://api.example/acme/oauth2/token']);
  });

  it('does not allow plain http', () => {
    const custom = { ...valid, environment: { apiUrl: 'http://10.0.0.1' } };
    expect(whilePolluted(() => problemsOf(() => resolveConfiguration(custom)))).toEqual([
      expect.stringMatching(/^environment\.apiUrl .*allowHttp/),
    ]);
  });
});
