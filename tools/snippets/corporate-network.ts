import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as sendRequest } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startConnectProxy } from '@instellix/testing/servers';
import { generate } from 'selfsigned';

const host = 'api.instellix.test';

/** A network like that of a company: the API can be reached only through a proxy, and its certificate is of a private CA. */
export interface CorporateNetwork extends AsyncDisposable {
  /** What a process needs in it. The name of the API is known to the proxy alone. */
  readonly env: Record<'INSTELLIX_API_URL' | 'HTTPS_PROXY' | 'NODE_EXTRA_CA_CERTS', string>;
  /** The targets of all CONNECT requests. */
  readonly tunnels: readonly string[];
}

/** Starts such a network in front of an emulator. */
export async function startCorporateNetwork(emulatorUrl: string): Promise<CorporateNetwork> {
  const folder = await mkdtemp(join(tmpdir(), 'network-'));
  const caFile = join(folder, 'ca.pem');
  const { ca, key, cert } = await issueCertificate();
  await writeFile(caFile, ca);

  const api = createTlsServer({ key, cert }, (request, response) => {
    const { method, headers, url = '/' } = request;
    const { host: _, ...others } = headers;
    const forwarded = sendRequest(new URL(url, emulatorUrl), { method, headers: others }, (received) => {
      response.writeHead(received.statusCode ?? 502, received.headers);
      received.pipe(response);
    });
    request.pipe(forwarded);
  });
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  const proxy = await startConnectProxy({ port: (api.address() as AddressInfo).port });

  return {
    env: {
      INSTELLIX_API_URL: `https://${host}`,
      HTTPS_PROXY: proxy.url,
      NODE_EXTRA_CA_CERTS: caFile,
    },
    tunnels: proxy.tunnels,
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      api.closeAllConnections();
      await new Promise((resolve) => api.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Creates a CA, and a certificate for the API that it has signed. */
async function issueCertificate(): Promise<Record<'ca' | 'key' | 'cert', string>> {
  const ca = await generate([{ name: 'commonName', value: 'A private CA' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true },
    ],
  });
  const { private: key, cert } = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'subjectAltName', altNames: [{ type: 2, value: host }] },
    ],
  });
  return { ca: ca.cert, key, cert };
}
