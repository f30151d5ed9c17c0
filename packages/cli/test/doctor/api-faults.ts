import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../emulators.ts';
import { startFront } from '../front.ts';
import { folder } from '../run.ts';
import { type DoctorFault, withCredential, withFault, write } from './doctor-fault.ts';

/** Faults of the store and of the API. */
export const apiFaults: readonly DoctorFault[] = [
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
      return { env: await withCredential(await start(), { roles: ['none'] }), args: ['--path', '/customers'] };
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
  {
    title: 'an API that does not respond',
    step: 'api_call',
    prepare: () => withFault({ on: 'GET /customers', socket: 'hang' }, '/customers'),
  },
  {
    title: 'an API that redirects in a circle',
    step: 'api_call',
    prepare: () => {
      const respond = { status: 302, headers: { location: '/customers' } };
      return withFault({ on: 'GET /customers', respond }, '/customers');
    },
  },
  {
    title: 'an API that redirects to a port which `fetch` does not use',
    step: 'api_call',
    prepare: () => {
      const respond = { status: 302, headers: { location: 'http://127.0.0.1:1/' } };
      return withFault({ on: 'GET /customers', respond }, '/customers');
    },
  },
  {
    title: 'a path that leads to another host',
    step: 'api_call',
    async prepare() {
      return { env: (await start()).env, args: ['--path', '/\\other.example/customers'] };
    },
  },
  {
    title: 'an API that leads to a sign-in page',
    step: 'api_call',
    async prepare() {
      const headers = { location: await startFront({}) };
      return withFault({ on: 'GET /customers', respond: { status: 302, headers } }, '/customers');
    },
  },
];
