import { existsSync } from 'node:fs';
import { classifyTlsFailure } from '@instellix/core/adapter';
import { findErrorCode, findReason } from '../error/find-reason.ts';
import { type CertificateSummary, readCertificate } from './certificate.ts';
import { failed, type StepResult } from './doctor-step.ts';
import { describeProxy, findProxy } from './proxy.ts';

type Variables = Readonly<Record<string, string | undefined>>;

const timedOut = /^(?:ETIMEDOUT|UND_ERR_(?:CONNECT|HEADERS)_TIMEOUT)$/;

/** Explains why a server could not be reached. */
export async function explainConnectionFailure(error: unknown, url: URL, env: Variables): Promise<StepResult> {
  const code = (error as Error).name === 'TimeoutError' ? 'ETIMEDOUT' : findErrorCode(error);
  const isTls = url.protocol === 'https:' && (classifyTlsFailure(code) !== undefined || /^ERR_(?:SSL|TLS)_/.test(code));
  if (isTls) return explainTlsFailure(code, url, await readCertificate(url), env);
  const proxy = findProxy(env, url);
  if (proxy?.isUsed) {
    return failed(
      `${url.host} cannot be reached through the proxy of ${proxy.variable}: ${findReason(error as Error)}.`,
      `Check the address, user name and password in ${proxy.variable}, and whether the proxy allows ${url.host}. If no proxy is needed for it, name it in NO_PROXY.`,
    );
  }
  const remedy = `Check host and port of INSTELLIX_API_URL and INSTELLIX_TOKEN_URL, and the firewall.${describeProxy(env, url)}`;
  if (code === 'ECONNREFUSED') return failed(`${url.host} refuses connections: no server listens there.`, remedy);
  if (timedOut.test(code)) return failed(`${url.host} does not respond.`, remedy);
  const { cause } = error as { readonly cause?: Error };
  // Its code is missing in Node 24.
  if (cause?.name === 'HTTPParserError') {
    const scheme = 'Check scheme and port: the port may speak https, or another protocol.';
    return failed(`${url.host} does not respond in HTTP.`, `${scheme} ${remedy}`);
  }
  return failed(`${url.host} cannot be reached: ${findReason(error as Error)}.`, remedy);
}

function explainTlsFailure(
  code: string,
  { host }: URL,
  certificate: CertificateSummary | undefined,
  env: Variables,
): StepResult {
  const issuer = certificate ? `, issued by "${certificate.issuer}",` : '';
  const validTo = certificate ? ` on ${toDay(certificate.validTo)}` : '';
  switch (code) {
    case 'CERT_HAS_EXPIRED':
      return failed(
        `The certificate of ${host}${issuer} expired${validTo}.`,
        'If the clock of this machine is right, the operator of the server must replace the certificate.',
      );
    case 'CERT_NOT_YET_VALID':
      return failed(`The certificate of ${host} is not valid yet.`, 'Set the clock of this machine right.');
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return failed(
        `The certificate of ${host}${issuer} is for another host.`,
        'Check the host of INSTELLIX_API_URL and INSTELLIX_TOKEN_URL. A proxy may respond in its place.',
      );
  }
  if (classifyTlsFailure(code) === 'certificate') {
    return failed(
      `The certificate of ${host}${issuer} is not trusted (${code}).`,
      `If the issuer is your company, whose proxy decrypts the traffic, name the file of its CA in NODE_EXTRA_CA_CERTS. Otherwise check the URL.${describeExtraCas(env)}`,
    );
  }
  return failed(
    `${host} does not respond in TLS (${code}).`,
    'Check scheme and port of INSTELLIX_API_URL and INSTELLIX_TOKEN_URL: the port may speak plain http, or another version of TLS.',
  );
}

/** A sentence with a space before it; empty when the variable is not set. */
function describeExtraCas({ NODE_EXTRA_CA_CERTS: file }: Variables): string {
  if (!file) return '';
  return existsSync(file)
    ? ' NODE_EXTRA_CA_CERTS is set, but the certificates in its file do not make it trusted.'
    : ' NODE_EXTRA_CA_CERTS is set, but its file does not exist.';
}

/** A date such as 2026-12-31. */
export function toDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
