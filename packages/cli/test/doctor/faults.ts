import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Emulator, Fault } from '@instellix/emulator';
import { start } from '../emulators.ts';
import { createCertificate, decodeBasicPair, findClosedPort, startFront, startProxy } from '../front.ts';
import { folder } from '../run.ts';

/** The command line that meets a fault. */
export interface Situation {
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

/** A fault that the doctor detects. */
export interface DoctorFault {
  /** For the table in `docs/doctor.md`. */
  readonly title: string;
  readonly step: string;
  /** Whether the step passes, with a remedy for what would be better. */
  readonly isAdvice?: boolean;
  prepare(): Promise<Situation> | Situation;
}

/** The interval of a client in front of an emulator with a throttle of 300 ms. */
const throttled = { throttleWindowMs: 300 };
const interval = { INSTELLIX_MIN_INTERVAL_MS: '400' };
/** Of no emulator: nothing is requested with it. */
const vendor = { INSTELLIX_REALM: 'acme', INSTELLIX_CLIENT_ID: 'billing', INSTELLIX_CLIENT_SECRET: 'planted-0f8d2c' };

const without = (env: Situation['env'], name: string) =>
  Object.fromEntries(Object.entries(env).filter(([each]) => each !== name));

const write = (name: string, content: string, mode: number): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
};

const requestToken = ({ url, realm, clientId, clientSecret }: Emulator): Promise<Response> =>
  fetch(`${url}/${realm}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });

const withSecret = async (secret: Situation['env']): Promise<Situation> => {
  return { env: { ...without((await start()).env, 'INSTELLIX_CLIENT_SECRET'), ...secret } };
};

/** An emulator with a fault, which is called at `path`. */
const withFault = async (fault: Fault, path?: string): Promise<Situation> => {
  const emulator = await start();
  await emulator.faults.add(fault);
  return { env: emulator.env, args: path === undefined ? [] : ['--path', path] };
};

const credential = async (
  emulator: Emulator,
  options: { readonly clientSecret?: string; readonly roles?: ['none'] },
) => {
  const created = await emulator.credentials.create({ roles: ['reader'], ...options });
  return { ...emulator.env, INSTELLIX_CLIENT_ID: created.clientId, INSTELLIX_CLIENT_SECRET: created.clientSecret };
};

/** As the throttle responds, and to wrong credentials, too. */
const throttledResponse = { status: 401, body: '{"error":"invalid_client"}' };
const html = { 'content-type': 'text/html' };

const configurationFaults: readonly DoctorFault[] = [
  { title: 'no variables', step: 'configuration', prepare: () => ({ env: {} }) },
  {
    title: 'a misspelled variable',
    step: 'configuration',
    async prepare() {
      const { env } = await start();
      const { INSTELLIX_CLIENT_ID = '' } = env as Record<string, string>;
      return { env: { ...without(env, 'INSTELLIX_CLIENT_ID'), INSTELLIX_CLIENTID: INSTELLIX_CLIENT_ID } };
    },
  },
  {
    title: 'another misspelled variable, which can be left out',
    step: 'configuration',
    isAdvice: true,
    async prepare() {
      return { env: { ...(await start()).env, INSTELLIX_MIN_INTERVAL: '0' } };
    },
  },
  {
    title: 'an environment that does not exist',
    step: 'configuration',
    prepare: () => ({ env: { ...vendor, INSTELLIX_ENVIRONMENT: 'test' } }),
  },
  { title: 'no secret', step: 'secret', prepare: () => withSecret({}) },
  {
    title: 'a secret with a line break',
    step: 'secret',
    prepare: () => withSecret({ INSTELLIX_CLIENT_SECRET: 'planted-0f8d2c\n' }),
  },
  {
    title: 'a secret file that is missing',
    step: 'secret',
    prepare: () => withSecret({ INSTELLIX_CLIENT_SECRET_FILE: join(folder, 'missing') }),
  },
  {
    title: 'a secret file with two line breaks at its end',
    step: 'secret',
    prepare: () => withSecret({ INSTELLIX_CLIENT_SECRET_FILE: write('two-line-breaks', 'planted-0f8d2c\n\n', 0o600) }),
  },
  {
    title: 'a secret file that other users can read',
    step: 'secret',
    isAdvice: true,
    async prepare() {
      const { env } = await start();
      const { INSTELLIX_CLIENT_SECRET = '' } = env as Record<string, string>;
      const file = write('readable', `${INSTELLIX_CLIENT_SECRET}\n`, 0o644);
      return { env: { ...without(env, 'INSTELLIX_CLIENT_SECRET'), INSTELLIX_CLIENT_SECRET_FILE: file } };
    },
  },
];

const connectionFaults: readonly DoctorFault[] = [
  {
    title: 'an unknown host',
    step: 'name_resolution',
    prepare: () => ({ env: { ...vendor, INSTELLIX_API_URL: 'https://api.instellix.invalid' } }),
  },
  {
    title: 'a port on which no server listens',
    step: 'connection',
    async prepare() {
      return { env: { ...vendor, INSTELLIX_API_URL: `https://127.0.0.1:${await findClosedPort()}` } };
    },
  },
  {
    title: 'a proxy that Node ignores',
    step: 'connection',
    async prepare() {
      const url = `https://127.0.0.1:${await findClosedPort()}`;
      return { env: { ...vendor, INSTELLIX_API_URL: url, HTTPS_PROXY: 'http://user:password@proxy.example:3128' } };
    },
  },
  {
    title: 'an untrusted certificate',
    step: 'connection',
    async prepare() {
      const url = await startFront({ tls: await createCertificate('127.0.0.1') });
      return { env: { ...vendor, INSTELLIX_API_URL: url } };
    },
  },
  {
    title: 'an expired certificate',
    step: 'connection',
    async prepare() {
      const tls = await createCertificate('127.0.0.1', new Date('2020-02-01'));
      const NODE_EXTRA_CA_CERTS = write('expired.pem', tls.cert, 0o600);
      return { env: { ...vendor, NODE_EXTRA_CA_CERTS, INSTELLIX_API_URL: await startFront({ tls }) } };
    },
  },
  {
    title: 'a certificate of another host',
    step: 'connection',
    async prepare() {
      const tls = await createCertificate('192.0.2.1');
      const NODE_EXTRA_CA_CERTS = write('other-host.pem', tls.cert, 0o600);
      return { env: { ...vendor, NODE_EXTRA_CA_CERTS, INSTELLIX_API_URL: await startFront({ tls }) } };
    },
  },
  {
    title: 'http on an https port',
    step: 'connection',
    async prepare() {
      const { url } = await start();
      return { env: { ...vendor, INSTELLIX_API_URL: url.replace('http:', 'https:') } };
    },
  },
  {
    title: 'a proxy that refuses the connection',
    step: 'connection',
    async prepare() {
      const { url } = await startProxy({ isOpen: false });
      const proxy = { HTTPS_PROXY: url, NODE_USE_ENV_PROXY: '1' };
      return { env: { ...vendor, INSTELLIX_API_URL: 'https://api.instellix.invalid', ...proxy } };
    },
  },
  {
    title: 'a network that demands a sign-in',
    step: 'connection',
    prepare: () => withFault({ on: 'HEAD /', respond: { status: 511, headers: html } }),
  },
  {
    title: 'a clock that is behind',
    step: 'clock',
    async prepare() {
      return { env: (await start({ clock: Date.now() + 2 * 3_600_000 })).env };
    },
  },
  {
    title: 'a clock that is ahead',
    step: 'clock',
    async prepare() {
      return { env: (await start({ clock: Date.now() - 3 * 86_400_000 })).env };
    },
  },
];

const tokenFaults: readonly DoctorFault[] = [
  {
    title: 'the credential of another environment',
    step: 'token_request',
    async prepare() {
      const [right, wrong] = [await start(), await start()];
      return { env: { ...right.env, ...without(wrong.env, 'INSTELLIX_API_URL') } };
    },
  },
  {
    title: 'a wrong realm',
    step: 'token_request',
    async prepare() {
      return { env: { ...(await start()).env, INSTELLIX_REALM: 'other' } };
    },
  },
  {
    title: 'a wrong secret',
    step: 'token_request',
    async prepare() {
      return {
        env: { ...(await start(throttled)).env, ...interval, INSTELLIX_CLIENT_SECRET: 'planted+wrong%20secret' },
      };
    },
  },
  {
    title: 'a server that form-encodes the Basic pair',
    step: 'token_request',
    async prepare() {
      const emulator = await start(throttled);
      const env = await credential(emulator, { clientSecret: 'planted+100%25' });
      const url = await startFront({ target: emulator.url, rewrite: decodeBasicPair });
      return { env: { ...env, ...interval, INSTELLIX_API_URL: url } };
    },
  },
  {
    title: 'a server that refuses multipart forms',
    step: 'token_request',
    async prepare() {
      return { env: (await start({ profile: 'rfc' })).env };
    },
  },
  {
    title: 'a server that does both of it',
    step: 'token_request',
    async prepare() {
      return { env: await credential(await start({ profile: 'rfc' }), { clientSecret: 'planted+100%25' }) };
    },
  },
  {
    title: 'a neighbour that has just requested a token',
    step: 'token_request',
    isAdvice: true,
    async prepare() {
      // A frozen clock: the throttle ends when the test says so, after the first request of the doctor.
      const emulator = await start({ throttleWindowMs: 5_000, clock: Date.now() });
      await requestToken(emulator);
      emulator.requests.waitFor({ reason: 'throttled' }).then(
        () => emulator.clock.advance(5_000),
        () => {},
      );
      return { env: { ...emulator.env, ...interval } };
    },
  },
  {
    title: 'a neighbour that requests tokens all the time',
    step: 'token_request',
    isAdvice: true,
    prepare: () => withFault({ on: 'token', times: 2, respond: throttledResponse }),
  },
  {
    title: 'a token endpoint that limits requests',
    step: 'token_request',
    prepare: () => withFault({ on: 'token', respond: { status: 429, headers: { 'retry-after': '3600' } } }),
  },
  {
    title: 'a sign-in page in place of the token endpoint',
    step: 'token_request',
    prepare: () => withFault({ on: 'token', respond: { status: 200, headers: html, body: '<h1>Sign in</h1>' } }),
  },
  {
    title: 'a token shorter than the margin',
    step: 'token_lifetime',
    async prepare() {
      return { env: (await start({ tokenTtlSeconds: 60 })).env, args: ['--expiry-margin', '300000'] };
    },
  },
  {
    title: 'a token shorter than the throttle interval',
    step: 'token_lifetime',
    async prepare() {
      return { env: { ...(await start({ tokenTtlSeconds: 5 })).env, INSTELLIX_MIN_INTERVAL_MS: '5500' } };
    },
  },
  {
    title: 'a token without a lifetime',
    step: 'token_lifetime',
    isAdvice: true,
    async prepare() {
      const { faults, env } = await start();
      const body = '{"access_token":"planted-token","token_type":"bearer"}';
      await faults.add({
        on: 'token',
        respond: { status: 200, headers: { 'content-type': 'application/json' }, body },
      });
      // The emulator does not know that token.
      await faults.add({ on: 'GET /some-resource', respond: { status: 204 } });
      return { env };
    },
  },
];

const otherFaults: readonly DoctorFault[] = [
  {
    title: 'a store that is not writable',
    step: 'token_store',
    async prepare() {
      const directory = join(write('file', '', 0o600), 'store');
      return { env: (await start()).env, args: ['--store-directory', directory] };
    },
  },
  {
    title: 'a store that other users can access',
    step: 'token_store',
    async prepare() {
      const directory = join(folder, 'shared');
      mkdirSync(directory);
      chmodSync(directory, 0o755);
      return { env: (await start()).env, args: ['--store-directory', directory] };
    },
  },
  {
    title: 'a role that is missing',
    step: 'api_call',
    async prepare() {
      return { env: await credential(await start(), { roles: ['none'] }), args: ['--path', '/customers'] };
    },
  },
  {
    title: 'an API that refuses the token',
    step: 'api_call',
    prepare: () => withFault({ on: 'GET /customers', respond: { status: 401 } }, '/customers'),
  },
  {
    title: 'a path that does not exist',
    step: 'api_call',
    async prepare() {
      return { env: (await start()).env, args: ['--path', '/nothing'] };
    },
  },
  {
    title: 'an API without the resource of the example',
    step: 'api_call',
    isAdvice: true,
    prepare: () => withFault({ on: 'GET /some-resource', respond: { status: 404 } }),
  },
  {
    title: 'an API that fails',
    step: 'api_call',
    prepare: () => withFault({ on: 'GET /customers', respond: { status: 500 } }, '/customers'),
  },
];

/** All faults that the doctor detects, in the order of its steps. */
export const faults = [...configurationFaults, ...connectionFaults, ...tokenFaults, ...otherFaults];
