import type { Variables } from './variables.ts';

/** Input that makes no sense, and what is said about it. */
export interface AbsurdInput {
  readonly title: string;
  /** Merged into valid options, or into none when there are variables; a function gives all of the options itself. */
  readonly options?: Readonly<Record<string, unknown>> | (() => unknown);
  readonly variables?: Variables;
  /** All that is reported, in this order. */
  readonly problem: RegExp | readonly RegExp[];
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
const missing = [/^realm .* missing/, /^environment .* missing/, /^clientId .* missing/, /^clientSecret .* missing/];

/** One row for each way in which people and programs get a configuration wrong. */
export const absurdInputs: readonly AbsurdInput[] = [
  // The options as a whole
  {
    title: 'null options',
    options: () => null,
    problem: [/^options must be a plain object like .*, not null/, ...missing],
  },
  {
    title: 'options as text',
    options: () => '{}',
    problem: [/^options must be a plain object like .*, not a value of type string/, ...missing],
  },
  { title: 'options as an array', options: () => [], problem: [/^options must be a plain object/, ...missing] },
  {
    title: 'options that were not awaited',
    options: () => Promise.resolve({}),
    problem: [/^options must be a plain object like .*, not a promise: await it first/, ...missing],
  },
  { title: 'options in a map', options: () => new Map(), problem: [/^options must be a plain object/, ...missing] },
  {
    title: 'a revoked proxy as options',
    options: revoked,
    problem: [/^options must be a plain object like .*, not a value of type object/, ...missing],
  },
  {
    title: 'a misspelt option',
    options: { clientID: 'x' },
    problem: /^The key "clientID" of options is unknown: perhaps clientId is meant/,
  },
  { title: 'an option in snake case', options: { client_secret: 'x' }, problem: /perhaps clientSecret is meant/ },
  {
    title: 'an option of another library',
    options: { tokenEndpoint: 'x' },
    problem: /the known ones are environment, realm, clientId,/,
  },
  {
    title: 'a key that inherited ones resemble',
    options: { constructor: 1 },
    problem: /^The key "constructor" of options is unknown/,
  },
  {
    title: 'a hundred unknown keys',
    options: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`unknown-${index}`, 1])),
    problem: [...Array.from({ length: 9 }, (_, index) => new RegExp(`"unknown-${index}"`))],
  },

  // The environment
  {
    title: 'no environment',
    options: environment(undefined),
    problem: /^environment \(variable INSTELLIX_ENVIRONMENT\) is missing.*production, sandbox, stage or preview/,
  },
  {
    title: 'an unknown environment',
    options: environment('prod'),
    problem: /is "prod": choose production, sandbox, stage or preview/,
  },
  { title: 'an environment in capitals', options: environment('Sandbox'), problem: /is "Sandbox"/ },
  {
    title: 'an environment with a line break',
    variables: withVariables({ INSTELLIX_ENVIRONMENT: 'sandbox\n' }),
    problem: /^INSTELLIX_ENVIRONMENT \(option environment\) is "sandbox\\n"/,
  },
  { title: 'an empty environment', options: environment(''), problem: /is ""/ },
  {
    title: 'an environment called custom, without URL',
    options: environment('custom'),
    problem: /is "custom": .*, or set environment.apiUrl or INSTELLIX_API_URL/,
  },
  { title: 'an environment that every object has', options: environment('__proto__'), problem: /is "__proto__"/ },
  {
    title: 'a URL for an environment',
    options: environment('https://api.example.com'),
    problem: /set environment.apiUrl/,
  },
  {
    title: 'a URL object for an environment',
    options: environment(new URL('https://api.example.com')),
    problem: [
      /^environment must be a plain object like { apiUrl: … }, not a value of type object/,
      /^environment.apiUrl is missing/,
    ],
  },
  { title: 'a number for an environment', options: environment(1), problem: /^environment .* is 1:/ },
  {
    title: 'a symbol for an environment',
    options: environment(Symbol('sandbox')),
    problem: /is a value of type symbol/,
  },
  { title: 'null for an environment', options: environment(null), problem: /^environment .* is null/ },
  { title: 'a custom environment without URL', options: environment({}), problem: /^environment.apiUrl is missing/ },
  {
    title: 'a misspelt key of an environment',
    options: environment({ apiUrl: 'https://a.example', tokenURL: 'https://b.example' }),
    problem: /^The key "tokenURL" of environment is unknown: perhaps tokenUrl is meant/,
  },
  {
    title: 'an environment without a name worth one',
    options: environment({ apiUrl: 'https://a.example', name: ' ' }),
    problem: /^environment.name must not be empty or white space/,
  },
  {
    title: 'allowHttp as text',
    options: environment({ apiUrl: 'http://a.example', allowHttp: 'true' }),
    problem: [/^environment.allowHttp must be false or true, not "true"/, /^environment.apiUrl must start with https/],
  },
  {
    title: 'a getter that throws',
    options: environment(throwing('apiUrl')),
    problem: [/^environment.apiUrl throws when it is read/, /^environment.apiUrl is missing/],
  },
  {
    title: 'a token URL alone',
    variables: { ...completeVariables, INSTELLIX_ENVIRONMENT: '', INSTELLIX_TOKEN_URL: 'https://a.example/token' },
    problem: /^environment .* is missing/,
  },

  // URLs
  {
    title: 'an API URL without protocol',
    options: environment({ apiUrl: 'api.example.com' }),
    problem: /^environment.apiUrl must be a full URL such as https:/,
  },
  {
    title: 'an API URL whose host looks like a protocol',
    options: environment({ apiUrl: 'localhost:3000' }),
    problem: /^environment.apiUrl must start with https/,
  },
  {
    title: 'an API URL of another protocol',
    options: environment({ apiUrl: 'ftp://a.example' }),
    problem: /must start with https/,
  },
  {
    title: 'an API URL of white space',
    variables: withVariables({ INSTELLIX_API_URL: ' ' }),
    problem: /^INSTELLIX_API_URL \(option environment.apiUrl\) must be a full URL/,
  },
  {
    title: 'an API URL with a line break',
    variables: withVariables({ INSTELLIX_API_URL: 'https://a.exam\nple' }),
    problem: /without white space/,
  },
  { title: 'an empty API URL', options: environment({ apiUrl: '' }), problem: /must be a full URL/ },
  {
    title: 'a number for an API URL',
    options: environment({ apiUrl: 443 }),
    problem: /must be a full URL .* not a value of type number/,
  },
  {
    title: 'an object for an API URL',
    options: environment({ apiUrl: { href: 'https://a.example' } }),
    problem: /must be a full URL/,
  },
  {
    title: 'a revoked proxy for an API URL',
    options: { environment: { apiUrl: revoked() } },
    problem: /must be a full URL/,
  },
  {
    title: 'an API URL with a query',
    options: environment({ apiUrl: 'https://a.example/v1?tenant=1' }),
    problem: /must not have a query or fragment/,
  },
  {
    title: 'an API URL with an empty query',
    options: environment({ apiUrl: 'https://a.example/?' }),
    problem: /must not have a query or fragment/,
  },
  {
    title: 'an API URL with a fragment',
    options: environment({ apiUrl: 'https://a.example/#top' }),
    problem: /must not have a query or fragment/,
  },
  {
    title: 'an API URL with user info',
    options: environment({ apiUrl: 'https://user:hunter2@a.example' }),
    problem: /^environment.apiUrl must not hold a user name or password(?!.*hunter2)/,
  },
  {
    title: 'an API URL with a user only',
    options: environment({ apiUrl: 'https://user@a.example' }),
    problem: /user name or password/,
  },
  {
    title: 'plain http to a foreign host',
    options: environment({ apiUrl: 'http://a.example' }),
    problem: /^environment.apiUrl must start with https.*allowHttp/,
  },
  {
    title: 'plain http to a host that begins like loopback',
    options: environment({ apiUrl: 'http://127.0.0.1.a.example' }),
    problem: /must start with https/,
  },
  {
    title: 'plain http to a host called localhost elsewhere',
    options: environment({ apiUrl: 'http://localhost.a.example' }),
    problem: /must start with https/,
  },
  {
    title: 'plain http to all interfaces',
    options: environment({ apiUrl: 'http://0.0.0.0:8080' }),
    problem: /must start with https/,
  },
  {
    title: 'plain http in a variable beside a named environment',
    variables: withVariables({ INSTELLIX_API_URL: 'http://a.example' }),
    problem: /^INSTELLIX_API_URL .* must start with https/,
  },
  {
    title: 'a token URL in plain http',
    options: environment({ apiUrl: 'https://a.example', tokenUrl: 'http://a.example/token' }),
    problem: /^environment.tokenUrl must start with https/,
  },
  {
    title: 'a token URL with a fragment',
    options: environment({ apiUrl: 'https://a.example', tokenUrl: 'https://a.example/token#' }),
    problem: /^environment.tokenUrl must not have a fragment/,
  },
  {
    title: 'a token URL with user info',
    variables: withVariables({ INSTELLIX_TOKEN_URL: 'https://id:hunter2@a.example/token' }),
    problem: /^INSTELLIX_TOKEN_URL \(option environment.tokenUrl\) must not hold a user name or password(?!.*hunter2)/,
  },
  {
    title: 'a relative token URL',
    options: environment({ apiUrl: 'https://a.example', tokenUrl: '/oauth2/token' }),
    problem: /^environment.tokenUrl must be a full URL/,
  },

  // The realm
  { title: 'an empty realm', options: { realm: '' }, problem: /^realm \(variable INSTELLIX_REALM\) must not be empty/ },
  {
    title: 'a realm of white space',
    variables: withVariables({ INSTELLIX_REALM: ' \t' }),
    problem: /^INSTELLIX_REALM \(option realm\) must not be empty or white space/,
  },
  {
    title: 'a realm with a pasted line break',
    options: { realm: 'acme\n' },
    problem: /^realm .* must not start or end with white space.*line break/,
  },
  {
    title: 'a realm with a slash',
    options: { realm: 'acme/admin' },
    problem: /^realm .* must be a name of at most 255 characters, without slash/,
  },
  {
    title: 'a realm with a backslash',
    options: { realm: 'acme\\admin' },
    problem: /^realm .* must be a name of at most 255 characters, without slash/,
  },
  {
    title: 'a realm that is this directory',
    options: { realm: '.' },
    problem: /^realm .* must be a name of at most 255 characters, without slash/,
  },
  {
    title: 'a realm that is the directory above',
    options: { realm: '..' },
    problem: /^realm .* must be a name of at most 255 characters, without slash/,
  },
  {
    title: 'a realm with encoded dots',
    options: { realm: '%2e%2E' },
    problem: /^realm .* must be a name of at most 255 characters, without slash/,
  },
  {
    title: 'a realm that is encoded already',
    options: { realm: 'acme%20corp' },
    problem: /^realm .* must be a name of at most 255 characters, without slash/,
  },
  {
    title: 'a realm with a control character',
    options: { realm: 'ac\u0000me' },
    problem: /^realm .* control characters/,
  },
  { title: 'a realm with half a character', options: { realm: 'ac\ud800me' }, problem: /^realm .* lone surrogates/ },
  {
    title: 'a realm without end',
    options: { realm: 'a'.repeat(256) },
    problem: /^realm .* must be a name of at most 255 characters, without slash/,
  },
  {
    title: 'a number for a realm',
    options: { realm: 42 },
    problem: /^realm .* must be a string, not a value of type number/,
  },
  {
    title: 'null for a realm',
    options: { realm: null },
    problem: /^realm .* must be a string, not null/,
  },

  // The client id
  {
    title: 'an empty client id',
    options: { clientId: '' },
    problem: /^clientId \(variable INSTELLIX_CLIENT_ID\) must not be empty/,
  },
  {
    title: 'a client id with the secret behind it',
    options: { clientId: 'id:hunter2' },
    problem: /^clientId .* colon(?!.*hunter2)/,
  },
  {
    title: 'a client id with a line break',
    variables: withVariables({ INSTELLIX_CLIENT_ID: 'id\r\n' }),
    problem: /^INSTELLIX_CLIENT_ID \(option clientId\) .* white space/,
  },
  {
    title: 'a client id that splits headers',
    options: { clientId: 'id\r\nX-Evil: 1' },
    problem: /^clientId .* control characters/,
  },
  { title: 'a client id with half a character', options: { clientId: 'id\udc00' }, problem: /lone surrogates/ },
  { title: 'an array for a client id', options: { clientId: ['id'] }, problem: /^clientId .* must be a string/ },

  // The secret
  {
    title: 'an empty secret',
    options: { clientSecret: '' },
    problem: /^clientSecret \(variable INSTELLIX_CLIENT_SECRET\) must not be empty/,
  },
  {
    title: 'a secret with a pasted line break',
    options: { clientSecret: 'hunter2\n' },
    problem: /^clientSecret .* white space(?!.*hunter2)/,
  },
  {
    title: 'a secret of white space',
    variables: withVariables({ INSTELLIX_CLIENT_SECRET: '  ' }),
    problem: /^INSTELLIX_CLIENT_SECRET \(option clientSecret\) must not be empty or white space/,
  },
  {
    title: 'a secret with NUL',
    options: { clientSecret: 'hunter\u00002' },
    problem: /^clientSecret .* control characters(?!.*hunter)/,
  },
  { title: 'a secret with DEL', options: { clientSecret: 'hunter\u007f2' }, problem: /control characters/ },
  { title: 'a secret with half a character', options: { clientSecret: 'hunter\ud83d2' }, problem: /lone surrogates/ },
  {
    title: 'a secret that was not awaited',
    options: { clientSecret: Promise.resolve('hunter2') },
    problem: /^clientSecret .* must be a string, not a promise: await it first/,
  },
  {
    title: 'a secret in an object',
    options: { clientSecret: { value: 'hunter2' } },
    problem: /^clientSecret .* not a value of type object(?!.*hunter2)/,
  },
  {
    title: 'a secret and a file',
    variables: withVariables({ INSTELLIX_CLIENT_SECRET_FILE: import.meta.filename }),
    problem: [/^INSTELLIX_CLIENT_SECRET .* INSTELLIX_CLIENT_SECRET_FILE .* both set/, /^INSTELLIX_CLIENT_SECRET_FILE /],
  },

  // Token requests
  {
    title: 'null for tokenRequest',
    options: tokenRequest(null),
    problem: /^tokenRequest must be a plain object like .*, not null/,
  },
  {
    title: 'a misspelt key of tokenRequest',
    options: tokenRequest({ timeout: 5 }),
    problem: /^The key "timeout" of tokenRequest is unknown: perhaps timeoutMs is meant/,
  },
  {
    title: 'another body format',
    options: tokenRequest({ bodyFormat: 'json' }),
    problem: /^tokenRequest.bodyFormat must be multipart or urlencoded, not "json"/,
  },
  { title: 'null for a body format', options: tokenRequest({ bodyFormat: null }), problem: /not null/ },
  {
    title: 'another Basic encoding',
    options: tokenRequest({ basicEncoding: true }),
    problem: /^tokenRequest.basicEncoding must be raw or form, not true/,
  },
  { title: 'an empty scope', options: tokenRequest({ scope: '' }), problem: /^tokenRequest.scope must not be empty/ },
  {
    title: 'a scope with two spaces',
    options: tokenRequest({ scope: 'a  b' }),
    problem: /^tokenRequest.scope must be .* single spaces/,
  },
  { title: 'a scope with a quote', options: tokenRequest({ scope: 'a"b' }), problem: /without quotes/ },
  { title: 'a scope with an umlaut', options: tokenRequest({ scope: 'aufträge' }), problem: /ASCII/ },
  {
    title: 'a list for a scope',
    options: tokenRequest({ scope: ['a', 'b'] }),
    problem: /^tokenRequest.scope must be a string/,
  },
  {
    title: 'NaN for a timeout',
    options: tokenRequest({ timeoutMs: Number.NaN }),
    problem: /^tokenRequest.timeoutMs must be a number of milliseconds above 0 to 2147483647, not NaN/,
  },
  { title: 'a timeout of 0', options: tokenRequest({ timeoutMs: 0 }), problem: /above 0 .* not 0/ },
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
    title: 'an interval longer than timers count',
    options: tokenRequest({ minIntervalMs: 2 ** 31, maxWaitMs: 2 ** 31 - 1 }),
    problem: /^tokenRequest.minIntervalMs .* not 2147483648/,
  },
  { title: 'a duration as text', options: tokenRequest({ timeoutMs: '5000' }), problem: /not "5000"/ },
  {
    title: 'a duration as a bigint',
    options: tokenRequest({ timeoutMs: 5000n }),
    problem: /not a value of type bigint/,
  },
  {
    title: 'a timeout longer than anyone waits',
    options: tokenRequest({ timeoutMs: 2_000, maxWaitMs: 1_000 }),
    problem: /^tokenRequest.maxWaitMs must not be less than timeoutMs/,
  },
  {
    title: 'an interval longer than anyone waits',
    options: tokenRequest({ minIntervalMs: 2_000, maxWaitMs: 1_000 }),
    problem: /^tokenRequest.maxWaitMs must not be less than minIntervalMs/,
  },

  // Refreshing
  {
    title: 'a number for refresh',
    options: refresh(0.5),
    problem: /^refresh must be a plain object like .*, not a value of type number/,
  },
  {
    title: 'a misspelt key of refresh',
    options: refresh({ jitter: 0.1 }),
    problem: /^The key "jitter" of refresh is unknown: the known ones are/,
  },
  {
    title: 'a refresh at once',
    options: refresh({ atFraction: 0 }),
    problem: /^refresh.atFraction must be a number above 0 and at most 1, not 0/,
  },
  { title: 'a refresh after the end', options: refresh({ atFraction: 80 }), problem: /not 80/ },
  {
    title: 'negative jitter',
    options: refresh({ jitterFraction: -0.1 }),
    problem: /^refresh.jitterFraction must be a number from 0/,
  },
  {
    title: 'jitter that reaches back before the beginning',
    options: refresh({ atFraction: 0.5, jitterFraction: 0.5 }),
    problem: /below refresh.atFraction, which is 0.5/,
  },
  { title: 'a negative margin', options: refresh({ expiryMarginMs: -1 }), problem: /^refresh.expiryMarginMs / },

  // What else may be given
  {
    title: 'a store that was not awaited',
    options: { store: Promise.resolve() },
    problem: /^store must be an object with the methods read, claim, commit, release, remove, not a promise/,
  },
  {
    title: 'a store that lacks a method',
    options: { store: { read() {}, claim() {}, commit() {}, release() {} } },
    problem: /^store must be an object with the methods/,
  },
  { title: 'a revoked proxy for a store', options: { store: revoked() }, problem: /^store must be an object/ },
  {
    title: 'a date for a clock',
    options: { clock: new Date() },
    problem: /^clock must be an object with the methods now, monotonic, sleep/,
  },
  { title: 'null for a clock', options: { clock: null }, problem: /^clock .* not null/ },
  { title: 'an answer for a fetch', options: { fetch: {} }, problem: /^fetch must be a function/ },
  {
    title: 'a logger for a listener',
    options: { onEvent: { info() {} } },
    problem: /^onEvent must be a function, not a value of type object/,
  },
];
