import { join } from 'node:path';
import { findFreePort, startConnectProxy } from '@instellix/testing/servers';
import { endWithTest, start } from '../emulators.ts';
import { createCertificate, startBanner, startFront } from '../front.ts';
import { folder } from '../run.ts';
import { type DoctorFault, html, unusedCredential, withFault, write } from './doctor-fault.ts';

/** Faults between this machine and the servers. */
export const connectionFaults: readonly DoctorFault[] = [
  {
    title: 'an unknown host',
    step: 'name_resolution',
    prepare: () => ({ env: { ...unusedCredential, INSTELLIX_API_URL: 'https://api.instellix.invalid' } }),
  },
  {
    title: 'an unknown host that NO_PROXY names',
    step: 'name_resolution',
    prepare: () => {
      const proxy = { HTTPS_PROXY: 'http://proxy.example', NO_PROXY: '.invalid', NODE_USE_ENV_PROXY: '1' };
      return { env: { ...unusedCredential, INSTELLIX_API_URL: 'https://api.instellix.invalid', ...proxy } };
    },
  },
  {
    title: 'a port on which no server listens',
    step: 'connection',
    async prepare() {
      return { env: { ...unusedCredential, INSTELLIX_API_URL: `https://127.0.0.1:${await findFreePort()}` } };
    },
  },
  {
    title: 'the same for a token URL on another host',
    step: 'connection',
    async prepare() {
      const url = `https://127.0.0.1:${await findFreePort()}/local/oauth2/token`;
      return { env: { ...(await start()).env, INSTELLIX_TOKEN_URL: url } };
    },
  },
  {
    title: 'a proxy that Node ignores',
    step: 'connection',
    async prepare() {
      const url = `https://127.0.0.1:${await findFreePort()}`;
      return {
        env: { ...unusedCredential, INSTELLIX_API_URL: url, HTTPS_PROXY: 'http://user:password@proxy.example:3128' },
      };
    },
  },
  {
    title: 'an untrusted certificate',
    step: 'connection',
    async prepare() {
      const url = await startFront({ tls: await createCertificate('127.0.0.1') });
      return { env: { ...unusedCredential, INSTELLIX_API_URL: url } };
    },
  },
  {
    title: 'an untrusted certificate, and a file of CAs that is missing',
    step: 'connection',
    async prepare() {
      const url = await startFront({ tls: await createCertificate('127.0.0.1') });
      const NODE_EXTRA_CA_CERTS = join(folder, 'missing.pem');
      return { env: { ...unusedCredential, NODE_EXTRA_CA_CERTS, INSTELLIX_API_URL: url } };
    },
  },
  {
    title: 'an untrusted certificate, and a file of other CAs',
    step: 'connection',
    async prepare() {
      const url = await startFront({ tls: await createCertificate('127.0.0.1') });
      const NODE_EXTRA_CA_CERTS = write('other.pem', (await createCertificate('127.0.0.1')).cert, 0o600);
      return { env: { ...unusedCredential, NODE_EXTRA_CA_CERTS, INSTELLIX_API_URL: url } };
    },
  },
  {
    title: 'certificates that are not checked',
    step: 'connection',
    isAdvice: true,
    async prepare() {
      const { url, env } = await start();
      const front = await startFront({ tls: await createCertificate('127.0.0.1'), target: url });
      return { env: { ...env, NODE_TLS_REJECT_UNAUTHORIZED: '0', INSTELLIX_API_URL: front } };
    },
  },
  {
    title: 'an expired certificate',
    step: 'connection',
    async prepare() {
      const tls = await createCertificate('127.0.0.1', new Date('2020-02-01'));
      const NODE_EXTRA_CA_CERTS = write('expired.pem', tls.cert, 0o600);
      return { env: { ...unusedCredential, NODE_EXTRA_CA_CERTS, INSTELLIX_API_URL: await startFront({ tls }) } };
    },
  },
  {
    title: 'a certificate that expires soon',
    step: 'connection',
    isAdvice: true,
    async prepare() {
      const tls = await createCertificate('127.0.0.1', new Date(Date.now() + 5 * 86_400_000));
      const NODE_EXTRA_CA_CERTS = write('soon.pem', tls.cert, 0o600);
      const { url, env } = await start();
      const front = await startFront({ tls, target: url, headers: { via: '1.1 front' } });
      return { env: { ...env, NODE_EXTRA_CA_CERTS, INSTELLIX_API_URL: front } };
    },
  },
  {
    title: 'a certificate of another host',
    step: 'connection',
    async prepare() {
      const tls = await createCertificate('192.0.2.1');
      const NODE_EXTRA_CA_CERTS = write('other-host.pem', tls.cert, 0o600);
      return { env: { ...unusedCredential, NODE_EXTRA_CA_CERTS, INSTELLIX_API_URL: await startFront({ tls }) } };
    },
  },
  {
    title: 'http on an https port',
    step: 'connection',
    async prepare() {
      const { url } = await start();
      return { env: { ...unusedCredential, INSTELLIX_API_URL: url.replace('http:', 'https:') } };
    },
  },
  {
    title: 'a port of another protocol',
    step: 'connection',
    async prepare() {
      const port = await startBanner('SSH-2.0-OpenSSH_10.0\r\n');
      return { env: { ...unusedCredential, INSTELLIX_API_URL: `http://127.0.0.1:${port}` } };
    },
  },
  {
    title: 'a proxy that refuses the connection',
    step: 'connection',
    async prepare() {
      const { url } = endWithTest(await startConnectProxy({ isOpen: false }));
      const proxy = { HTTPS_PROXY: url, NODE_USE_ENV_PROXY: '1' };
      return { env: { ...unusedCredential, INSTELLIX_API_URL: 'https://api.instellix.invalid', ...proxy } };
    },
  },
  {
    title: 'a port which `fetch` does not use',
    step: 'connection',
    prepare: () => ({ env: { ...unusedCredential, INSTELLIX_API_URL: 'http://127.0.0.1:1' } }),
  },
  {
    title: 'a server that does not respond',
    step: 'connection',
    prepare: () => withFault({ on: 'HEAD /', socket: 'hang' }),
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
