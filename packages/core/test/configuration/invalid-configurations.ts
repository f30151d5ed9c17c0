import type { Variables } from './variables.ts';

/** A configuration that cannot work, and its problems. */
export interface InvalidConfiguration {
  readonly title: string;
  /** Merged into valid options, or into none when there are variables. A function returns all options. */
  readonly options?: Readonly<Record<string, unknown>> | (() => unknown);
  readonly variables?: Variables;
  /** All problems in order: whole sentences, or patterns of them. */
  readonly problem: string | RegExp | readonly (string | RegExp)[];
}

const completeVariables: Variables = {
  INSTELLIX_ENVIRONMENT: 'sandbox',
  INSTELLIX_REALM: 'acme',
  INSTELLIX_CLIENT_ID: 'orders-service',
  INSTELLIX_CLIENT_SECRET: 's3cret',
};

const withVariables = (variables: Variables): Variables => ({ ...completeVariables, ...variables });
const tokenRequest = (options: unknown) => ({ tokenRequest: options });
const refresh = (options: unknown) => ({ refresh: options });
const environment = (options: unknown) => ({ environment: options });
const throwing = (key: string) =>
  Object.defineProperty({}, key, {
    enumerable: true,
    get() {
      throw new Error('not today');
    },
  });
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const choice = 'production, sandbox, stage or preview, or an object with apiUrl (variable INSTELLIX_API_URL)';
const url =
  'an absolute URL with https:// (http:// only for loopback or with environment.allowHttp), without user name, password,';
const text = 'a non-empty string without control characters, lone surrogates, or leading or trailing whitespace';
const segment = `${text}, of at most 255 characters, without slash, backslash, percent-encoding or dot segment`;
const keys = 'environment, realm, clientId, clientSecret, store, tokenRequest, refresh, fetch, clock, onEvent';
const object = (keyNames: string) => `an object with some of the keys ${keyNames}`;
/** The whole sentence, so that nothing else can be in it, such as a secret. */
const mustBe = (label: string, wanted: string) => `${label} must be ${wanted}.`;
const badEnvironment = mustBe('environment (variable INSTELLIX_ENVIRONMENT)', choice);
const badApiUrl = mustBe(
  'environment.apiUrl (variable INSTELLIX_API_URL)',
  `${url} query, fragment, dot segments or whitespace`,
);
const badTokenUrl = mustBe(
  'environment.tokenUrl (variable INSTELLIX_TOKEN_URL)',
  `${url} fragment, dot segments or whitespace`,
);
const badRealm = mustBe('realm (variable INSTELLIX_REALM)', segment);
const badClientId = mustBe('clientId (variable INSTELLIX_CLIENT_ID)', text);
const secretLabel = 'clientSecret (variable INSTELLIX_CLIENT_SECRET or INSTELLIX_CLIENT_SECRET_FILE)';
const badSecret = mustBe(secretLabel, text);
const badScope = mustBe(
  'tokenRequest.scope',
  `${text}, in ASCII without quotes and backslashes, its parts separated by single spaces`,
);
const badOptions = mustBe('options', object(keys));
const missing = [badEnvironment, /^realm .* missing/, /^clientId .* missing/, /^clientSecret .* missing/];

/** One row for each mistake that people and programs make in a configuration. */
export const invalidConfigurations: readonly InvalidConfiguration[] = [
  // The options as a whole
  {
    title: 'null options',
    options: () => null,
    problem: [badOptions, ...missing],
  },
  {
    title: 'options as a string',
    options: () => '{}',
    problem: [badOptions, ...missing],
  },
  { title: 'options as an array', options: () => [], problem: [badOptions, ...missing] },
  {
    title: 'options that were not awaited',
    options: () => Promise.resolve({}),
    problem: [badOptions, ...missing],
  },
  { title: 'options in a map', options: () => new Map(), problem: [badOptions, ...missing] },
  { title: 'a date as options', options: () => new Date(), problem: [badOptions, ...missing] },
  { title: 'a URL as options', options: () => new URL('https://a.example'), problem: [badOptions, ...missing] },
  { title: 'a map as tokenRequest', options: tokenRequest(new Map()), problem: /^tokenRequest must be an object/ },
  {
    title: 'a revoked proxy as options',
    options: revoked,
    problem: /^options throws when it is read: give a plain value/,
  },
  {
    title: 'a misspelt option',
    options: { clientID: 'x' },
    problem: mustBe('options', `${object(keys)}, not "clientID"`),
  },
  { title: 'an option in snake case', options: { client_secret: 'x' }, problem: /, not a key that is not shown\.$/ },
  {
    title: 'an option of another library',
    options: { tokenEndpoint: 'x' },
    problem: /keys environment, realm, clientId,.*, not "tokenEndpoint"/,
  },
  {
    title: 'a key that every object inherits',
    options: { constructor: 1 },
    problem: /^options must be .*, not "constructor"/,
  },
  {
    title: 'a hundred unknown keys',
    options: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`unknown-${index}`, 1])),
    problem: /, not a key that is not shown(, a key that is not shown){4}\.$/,
  },

  {
    title: 'a secret as a key',
    options: { 'planted-hunter2': true },
    problem: mustBe('options', `${object(keys)}, not a key that is not shown`),
  },
  ...['realm', 'clientId'].map((key) => ({
    title: `${key} from a variable that does not exist`,
    options: { [key]: undefined },
    problem: `${key} is present but undefined: give it a value, or leave the key out.`,
  })),
  {
    title: 'clientSecret from a variable that does not exist',
    options: { clientSecret: undefined },
    problem: 'clientSecret is present but undefined: give it a value, or leave the key out.',
  },

  // The environment
  {
    title: 'no environment',
    options: environment(undefined),
    problem: 'environment is present but undefined: give it a value, or leave the key out.',
  },
  {
    title: 'an unknown environment',
    options: environment('prod'),
    problem: badEnvironment,
  },
  { title: 'an environment in capitals', options: environment('Sandbox'), problem: badEnvironment },
  {
    title: 'an environment with a line break',
    variables: withVariables({ INSTELLIX_ENVIRONMENT: 'sandbox\n' }),
    problem: /^The variable INSTELLIX_ENVIRONMENT must be .* unset it and set INSTELLIX_API_URL/,
  },
  { title: 'an empty environment', options: environment(''), problem: badEnvironment },
  {
    title: 'an environment called custom, without URL',
    options: environment('custom'),
    problem: badEnvironment,
  },
  {
    title: 'the name of an inherited member as the environment',
    options: environment('__proto__'),
    problem: badEnvironment,
  },
  {
    title: 'a URL as the environment',
    options: environment('https://api.example.com'),
    problem: badEnvironment,
  },
  {
    title: 'a URL object as the environment',
    options: environment(new URL('https://api.example.com')),
    problem: [mustBe('environment', object('apiUrl, tokenUrl, name, allowHttp')), badEnvironment],
  },
  { title: 'a number as the environment', options: environment(1), problem: badEnvironment },
  {
    title: 'a symbol as the environment',
    options: environment(Symbol('sandbox')),
    problem: badEnvironment,
  },
  { title: 'null as the environment', options: environment(null), problem: badEnvironment },
  { title: 'a custom environment without URL', options: environment({}), problem: badEnvironment },
  {
    title: 'a misspelt key of an environment',
    options: environment({ apiUrl: 'https://a.example', tokenURL: 'https://b.example' }),
    problem: mustBe('environment', `${object('apiUrl, tokenUrl, name, allowHttp')}, not "tokenURL"`),
  },
  {
    title: 'an environment with a blank name',
    options: environment({ apiUrl: 'https://a.example', name: ' ' }),
    problem: mustBe('environment.name', text),
  },
  {
    title: 'allowHttp as a string',
    options: environment({ apiUrl: 'http://a.example', allowHttp: 'true' }),
    problem: [mustBe('environment.allowHttp', 'false or true'), badApiUrl],
  },
  {
    title: 'a getter that throws',
    options: environment(throwing('apiUrl')),
    problem: [/^environment.apiUrl throws when it is read/, badEnvironment],
  },
  {
    title: 'an unknown environment beside a URL',
    variables: withVariables({ INSTELLIX_ENVIRONMENT: 'prod', INSTELLIX_API_URL: 'https://a.example' }),
    problem: /^The variable INSTELLIX_ENVIRONMENT must be .* unset it and set INSTELLIX_API_URL/,
  },
  {
    title: 'a token URL alone',
    variables: { ...completeVariables, INSTELLIX_ENVIRONMENT: '', INSTELLIX_TOKEN_URL: 'https://a.example/token' },
    problem: badEnvironment,
  },

  // URLs
  {
    title: 'an API URL without protocol',
    options: environment({ apiUrl: 'api.example.com' }),
    problem: badApiUrl,
  },
  {
    title: 'an API URL whose host looks like a protocol',
    options: environment({ apiUrl: 'localhost:3000' }),
    problem: badApiUrl,
  },
  {
    title: 'an API URL of another protocol',
    options: environment({ apiUrl: 'ftp://a.example' }),
    problem: badApiUrl,
  },
  {
    title: 'an API URL of whitespace',
    variables: withVariables({ INSTELLIX_API_URL: ' ' }),
    problem: badApiUrl,
  },
  {
    title: 'an API URL with a line break',
    variables: withVariables({ INSTELLIX_API_URL: 'https://a.exam\nple' }),
    problem: badApiUrl,
  },
  { title: 'an empty API URL', options: environment({ apiUrl: '' }), problem: badApiUrl },
  ...['/..;/', '/a%2f..%2fb/', '/%252e%252e/x'].map((path) => ({
    title: `an API URL below which servers may find another path: ${path}`,
    options: environment({ apiUrl: `https://gateway.example${path}` }),
    problem: badApiUrl,
  })),
  {
    title: 'a number as the API URL',
    options: environment({ apiUrl: 443 }),
    problem: badApiUrl,
  },
  {
    title: 'an object as the API URL',
    options: environment({ apiUrl: { href: 'https://a.example' } }),
    problem: badApiUrl,
  },
  {
    title: 'a revoked proxy as the API URL',
    options: { environment: { apiUrl: revoked() } },
    problem: [/^environment.apiUrl throws when it is read/, badEnvironment],
  },
  {
    title: 'an API URL with a query',
    options: environment({ apiUrl: 'https://a.example/v1?tenant=1' }),
    problem: badApiUrl,
  },
  {
    title: 'an API URL with an empty query',
    options: environment({ apiUrl: 'https://a.example/?' }),
    problem: badApiUrl,
  },
  {
    title: 'an API URL with a fragment',
    options: environment({ apiUrl: 'https://a.example/#top' }),
    problem: badApiUrl,
  },
  {
    title: 'an API URL with user info',
    options: environment({ apiUrl: 'https://user:hunter2@a.example' }),
    problem: badApiUrl,
  },
  {
    title: 'an API URL with a user only',
    options: environment({ apiUrl: 'https://user@a.example' }),
    problem: badApiUrl,
  },
  {
    title: 'plain http to another host',
    options: environment({ apiUrl: 'http://a.example' }),
    problem: badApiUrl,
  },
  {
    title: 'plain http to a host that begins like loopback',
    options: environment({ apiUrl: 'http://127.0.0.1.a.example' }),
    problem: badApiUrl,
  },
  {
    title: 'plain http to a host below a domain called localhost.a.example',
    options: environment({ apiUrl: 'http://localhost.a.example' }),
    problem: badApiUrl,
  },
  {
    title: 'plain http to all interfaces',
    options: environment({ apiUrl: 'http://0.0.0.0:8080' }),
    problem: badApiUrl,
  },
  {
    title: 'plain http in a variable beside a named environment',
    variables: withVariables({ INSTELLIX_API_URL: 'http://a.example' }),
    problem: badApiUrl,
  },
  {
    title: 'a token URL in plain http',
    options: environment({ apiUrl: 'https://a.example', tokenUrl: 'http://a.example/token' }),
    problem: badTokenUrl,
  },
  {
    title: 'a token URL with a fragment',
    options: environment({ apiUrl: 'https://a.example', tokenUrl: 'https://a.example/token#' }),
    problem: badTokenUrl,
  },
  {
    title: 'a token URL with user info',
    variables: withVariables({ INSTELLIX_TOKEN_URL: 'https://id:hunter2@a.example/token' }),
    problem: badTokenUrl,
  },
  {
    title: 'a relative token URL',
    options: environment({ apiUrl: 'https://a.example', tokenUrl: '/oauth2/token' }),
    problem: badTokenUrl,
  },

  // The realm
  { title: 'an empty realm', options: { realm: '' }, problem: badRealm },
  {
    title: 'a realm of whitespace',
    variables: withVariables({ INSTELLIX_REALM: ' \t' }),
    problem: badRealm,
  },
  {
    title: 'a realm with a pasted line break',
    options: { realm: 'acme\n' },
    problem: badRealm,
  },
  {
    title: 'a realm with a slash',
    options: { realm: 'acme/admin' },
    problem: badRealm,
  },
  {
    title: 'a realm with a backslash',
    options: { realm: 'acme\\admin' },
    problem: badRealm,
  },
  {
    title: 'a realm of one dot',
    options: { realm: '.' },
    problem: badRealm,
  },
  {
    title: 'a realm of two dots',
    options: { realm: '..' },
    problem: badRealm,
  },
  {
    title: 'a realm with encoded dots',
    options: { realm: '%2e%2E' },
    problem: badRealm,
  },
  {
    title: 'a realm that is percent-encoded',
    options: { realm: 'acme%20corp' },
    problem: badRealm,
  },
  {
    title: 'a realm with encoded dots after a line separator',
    options: { realm: 'acme\u2028%2e' },
    problem: badRealm,
  },
  {
    title: 'a realm with a control character',
    options: { realm: 'ac\u0000me' },
    problem: badRealm,
  },
  { title: 'a realm with a lone surrogate', options: { realm: 'ac\ud800me' }, problem: badRealm },
  {
    title: 'a realm of 256 characters',
    options: { realm: 'a'.repeat(256) },
    problem: badRealm,
  },
  {
    title: 'a number as the realm',
    options: { realm: 42 },
    problem: /^realm .* must be a non-empty string .*, not a value of type number/,
  },
  {
    title: 'null as the realm',
    options: { realm: null },
    problem: /^realm .* must be a non-empty string .*, not null/,
  },

  // The client id
  {
    title: 'an empty client id',
    options: { clientId: '' },
    problem: badClientId,
  },
  {
    title: 'a client id with a colon',
    options: { clientId: 'id:hunter2' },
    problem:
      'clientId (variable INSTELLIX_CLIENT_ID) must not contain a colon unless tokenRequest.basicEncoding is form.',
  },
  {
    title: 'a client id with a line break',
    variables: withVariables({ INSTELLIX_CLIENT_ID: 'id\r\n' }),
    problem: badClientId,
  },
  {
    title: 'a client id with a header injection',
    options: { clientId: 'id\r\nX-Evil: 1' },
    problem: badClientId,
  },
  { title: 'a client id with a lone surrogate', options: { clientId: 'id\udc00' }, problem: badClientId },
  {
    title: 'an array as the client id',
    options: { clientId: ['id'] },
    problem: /^clientId .* must be a non-empty string .*, not a value of type \w+/,
  },

  // The secret
  {
    title: 'an empty secret',
    options: { clientSecret: '' },
    problem: badSecret,
  },
  {
    title: 'a secret with a pasted line break',
    options: { clientSecret: 'hunter2\n' },
    problem: badSecret,
  },
  {
    title: 'a secret of whitespace',
    variables: withVariables({ INSTELLIX_CLIENT_SECRET: '  ' }),
    problem: badSecret,
  },
  {
    title: 'a secret with NUL',
    options: { clientSecret: 'hunter\u00002' },
    problem: badSecret,
  },
  { title: 'a secret with DEL', options: { clientSecret: 'hunter\u007f2' }, problem: badSecret },
  { title: 'a secret with a lone surrogate', options: { clientSecret: 'hunter\ud83d2' }, problem: badSecret },
  {
    title: 'a secret that was not awaited',
    options: { clientSecret: Promise.resolve('hunter2') },
    problem: /^clientSecret .* must be a non-empty string .*, not a value of type \w+/,
  },
  {
    title: 'a number as the secret, as YAML parses it',
    options: { clientSecret: 8412075533 },
    problem: /^clientSecret .* not a value of type number(?!.*8412075533)/,
  },
  {
    title: 'a secret in an object',
    options: { clientSecret: { value: 'hunter2' } },
    problem: /^clientSecret .* not a value of type \w+(?!.*hunter2)/,
  },
  {
    title: 'a secret and a file',
    variables: withVariables({ INSTELLIX_CLIENT_SECRET_FILE: import.meta.filename }),
    problem: [
      /^INSTELLIX_CLIENT_SECRET and INSTELLIX_CLIENT_SECRET_FILE are both set/,
      /^The content of INSTELLIX_CLIENT_SECRET_FILE /,
    ],
  },

  // Token requests
  {
    title: 'null as tokenRequest',
    options: tokenRequest(null),
    problem: /^tokenRequest must be an object with some of the keys bodyFormat,/,
  },
  {
    title: 'a misspelt key of tokenRequest',
    options: tokenRequest({ timeout: 5 }),
    problem: /^tokenRequest must be .* timeoutMs, .*, not "timeout"/,
  },
  {
    title: 'another body format',
    options: tokenRequest({ bodyFormat: 'json' }),
    problem: mustBe('tokenRequest.bodyFormat', 'multipart or urlencoded'),
  },
  { title: 'null as the body format', options: tokenRequest({ bodyFormat: null }), problem: /not null/ },
  {
    title: 'another Basic encoding',
    options: tokenRequest({ basicEncoding: true }),
    problem: /^tokenRequest.basicEncoding must be raw or form, not a value of type boolean/,
  },
  { title: 'an empty scope', options: tokenRequest({ scope: '' }), problem: badScope },
  {
    title: 'a scope with two spaces',
    options: tokenRequest({ scope: 'a  b' }),
    problem: badScope,
  },
  { title: 'a scope with a quote', options: tokenRequest({ scope: 'a"b' }), problem: badScope },
  { title: 'a scope with an umlaut', options: tokenRequest({ scope: 'aufträge' }), problem: badScope },
  {
    title: 'an array as the scope',
    options: tokenRequest({ scope: ['a', 'b'] }),
    problem: /^tokenRequest.scope must be a non-empty string/,
  },
  {
    title: 'NaN as a timeout',
    options: tokenRequest({ timeoutMs: Number.NaN }),
    problem: /^tokenRequest.timeoutMs must be a number from 1 to 3600000, not NaN/,
  },
  { title: 'a timeout of 0', options: tokenRequest({ timeoutMs: 0 }), problem: /from 1 .* not 0/ },
  {
    title: 'an infinite wait',
    options: tokenRequest({ maxWaitMs: Number.POSITIVE_INFINITY }),
    problem: /^tokenRequest.maxWaitMs .* not Infinity/,
  },
  {
    title: 'a negative interval',
    options: tokenRequest({ minIntervalMs: -1 }),
    problem: /^tokenRequest.minIntervalMs .* from 0 .* not -1/,
  },
  {
    title: 'an interval above the maximum of timers',
    options: tokenRequest({ minIntervalMs: 2 ** 31, maxWaitMs: 2 ** 31 - 1 }),
    problem: /^tokenRequest.minIntervalMs .* not 2147483648/,
  },
  {
    title: 'a duration as a string',
    options: tokenRequest({ timeoutMs: '5000' }),
    problem: mustBe('tokenRequest.timeoutMs', 'a number from 1 to 3600000'),
  },
  {
    title: 'a duration as a bigint',
    options: tokenRequest({ timeoutMs: 5000n }),
    problem: /not a value of type bigint/,
  },
  {
    title: 'an interval of more than an hour',
    options: tokenRequest({ minIntervalMs: 3_600_001 }),
    problem: 'tokenRequest.minIntervalMs must be a number from 0 to 3600000, not 3600001.',
  },
  {
    title: 'an interval that is not a number in the variable',
    variables: withVariables({ INSTELLIX_MIN_INTERVAL_MS: '5s' }),
    problem:
      'tokenRequest.minIntervalMs (variable INSTELLIX_MIN_INTERVAL_MS) must be a number from 0 to 3600000, not NaN.',
  },

  // Refreshing
  {
    title: 'a number as refresh',
    options: refresh(0.5),
    problem: /^refresh must be an object with some of the keys atFraction,/,
  },
  {
    title: 'a misspelt key of refresh',
    options: refresh({ jitter: 0.1 }),
    problem: /^refresh must be .*, not "jitter"/,
  },
  {
    title: 'an atFraction of 0',
    options: refresh({ atFraction: 0 }),
    problem: 'refresh.atFraction must be above 0 and above refresh.jitterFraction.',
  },
  { title: 'an atFraction above 1', options: refresh({ atFraction: 80 }), problem: /not 80/ },
  {
    title: 'negative jitter',
    options: refresh({ jitterFraction: -0.1 }),
    problem: /^refresh.jitterFraction must be a number from 0/,
  },
  {
    title: 'a jitterFraction as large as atFraction',
    options: refresh({ atFraction: 0.5, jitterFraction: 0.5 }),
    problem: 'refresh.atFraction must be above 0 and above refresh.jitterFraction.',
  },
  { title: 'a negative margin', options: refresh({ expiryMarginMs: -1 }), problem: /^refresh.expiryMarginMs / },

  // Store, clock, fetch and listener
  {
    title: 'a store that was not awaited',
    options: { store: Promise.resolve() },
    problem: /^store must be an object with the methods read, claim, commit, release, remove, not/,
  },
  {
    title: 'a store that lacks a method',
    options: { store: { read() {}, claim() {}, commit() {}, release() {} } },
    problem: /^store must be an object with the methods/,
  },
  { title: 'a revoked proxy as the store', options: { store: revoked() }, problem: /^store throws when it is read/ },
  {
    title: 'a date as the clock',
    options: { clock: new Date() },
    problem: /^clock must be an object with the methods now, monotonic, sleep/,
  },
  {
    title: 'a clock that returns dates',
    options: { clock: { now: () => new Date(), monotonic: () => 0, sleep: async () => {} } },
    problem: 'clock.now and clock.monotonic must return a number of milliseconds.',
  },
  {
    title: 'a clock that returns nothing',
    options: { clock: { now: () => 0, monotonic: () => {}, sleep: async () => {} } },
    problem: 'clock.now and clock.monotonic must return a number of milliseconds.',
  },
  { title: 'null as the clock', options: { clock: null }, problem: /^clock .* not null/ },
  { title: 'an object as fetch', options: { fetch: {} }, problem: /^fetch must be a function/ },
  {
    title: 'a logger as the listener',
    options: { onEvent: { info() {} } },
    problem: /^onEvent must be a function, not a value of type \w+/,
  },
];
