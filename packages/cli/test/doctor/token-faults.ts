import { start } from '../emulators.ts';
import { decodeBasicPair, startFront } from '../front.ts';
import {
  type DoctorFault,
  html,
  interval,
  json,
  requestToken,
  throttled,
  throttledResponse,
  withCredential,
  withFault,
  without,
} from './doctor-fault.ts';

/** Faults of the token request and of the token. */
export const tokenFaults: readonly DoctorFault[] = [
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
      const env = await withCredential(emulator, { clientSecret: 'planted+100%25' });
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
    title: 'a server that form-encodes and refuses multipart forms',
    step: 'token_request',
    async prepare() {
      return { env: await withCredential(await start({ profile: 'rfc' }), { clientSecret: 'planted+100%25' }) };
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
    title: 'the same when the server refuses with 403',
    step: 'token_request',
    isAdvice: true,
    prepare: () => withFault({ on: 'token', times: 1, respond: { ...throttledResponse, status: 403 } }),
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
    title: 'a token endpoint that redirects',
    step: 'token_request',
    prepare: () => withFault({ on: 'token', respond: { status: 301, headers: { location: '/other' } } }),
  },
  {
    title: 'a token without a usable lifetime',
    step: 'token_request',
    prepare: () => {
      const body = '{"access_token":"planted-token","token_type":"bearer","expires_in":0}';
      return withFault({ on: 'token', respond: { status: 200, headers: json, body } });
    },
  },
  {
    title: 'a token endpoint that fails',
    step: 'token_request',
    prepare: async () => {
      // Longer than a client waits, so that it does not try again.
      const respond = { status: 503, headers: { 'retry-after': '3600' } };
      return withFault({ on: 'token', respond });
    },
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
        respond: { status: 200, headers: json, body },
      });
      // The emulator does not know that token.
      await faults.add({ on: 'GET /some-resource', respond: { status: 204 } });
      return { env };
    },
  },
];
