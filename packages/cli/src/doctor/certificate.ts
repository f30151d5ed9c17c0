import { isIP } from 'node:net';
import { connect } from 'node:tls';

/** The certificate of a server, as far as the doctor reports it. */
export interface CertificateSummary {
  readonly issuer: string;
  /** Epoch milliseconds. */
  readonly validTo: number;
}

const timeoutMs = 5_000;

/**
 * Reads the certificate of an https server, trusted or not. Nothing is sent over the connection.
 *
 * Undefined when there is none, and behind a proxy that lets no direct connection pass.
 */
export function readCertificate({ hostname, port }: URL): Promise<CertificateSummary | undefined> {
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: Number(port || 443),
      rejectUnauthorized: false,
      timeout: timeoutMs,
      ...(isIP(host) === 0 && { servername: host }),
    });
    const finish = (summary?: CertificateSummary): void => {
      socket.destroy();
      resolve(summary);
    };
    socket.once('error', () => finish());
    socket.once('timeout', () => finish());
    socket.once('secureConnect', () => {
      const { issuer, valid_to } = socket.getPeerCertificate();
      if (!issuer) return finish();
      const name = [issuer.CN, issuer.O].flat().find((each) => typeof each === 'string') ?? 'an unnamed issuer';
      finish({ issuer: clean(name), validTo: Date.parse(valid_to) });
    });
  });
}

/** A server that is not trusted chooses this name: it must not control the terminal. */
function clean(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}\p{P}\p{Zs}]/gu, '?').slice(0, 100);
}
