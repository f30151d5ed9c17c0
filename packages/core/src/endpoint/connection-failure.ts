import type { SanitizedError } from '../secret/sanitize-error.ts';

/** Codes of connections that were never established. */
const neverConnected = /^(?:ENOTFOUND|EAI_\w+|ECONNREFUSED|UND_ERR_CONNECT_TIMEOUT)$/;
/** Codes of connections that were never established, or were interrupted; the message says which. */
const unreachable = /^(?:EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ETIMEDOUT)$/;
/** Node gives it the code ECONNRESET, like a reset after the request was sent. */
const disconnectedInHandshake = /^Client network socket disconnected before secure TLS connection/;
/** What `fetch` says of some ports, such as 6000 (X11), and undici of a proxy that opens no tunnel; neither has a code of its own. */
const knownMessage = /^(?:bad port|Proxy response \(\d{3}\) !== 200 when HTTP Tunneling)$/;

/** `certificate`: it is not trusted; `tls`: client and server do not agree on a version or a cipher, or the server speaks no TLS. */
export type TlsFailure = 'certificate' | 'tls';

/** Failures that waiting cannot repair, by their reasons. None of these requests was sent. */
const permanentFailures: readonly { kind?: TlsFailure; reasons: RegExp; remedy: string }[] = [
  { reasons: /^bad port$/, remedy: 'fetch refuses to connect to this port: correct the token URL.' },
  {
    reasons: /^Proxy response \((?!408|429)(?:4\d\d|501|511)\)/,
    remedy:
      'The proxy refuses to connect to the token endpoint, and waiting does not help: check its address, user name and password, in HTTPS_PROXY for example, and whether it allows the host of the token URL.',
  },
  {
    kind: 'certificate',
    // OpenSSL's names for certificates that it does not trust, and Node's for one of another host, or with another fault, such as a weak CA.
    reasons:
      /^(?!ERR_SSL_).*CERT|^CRL_|^UNABLE_TO_|^INVALID_(?:CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$|^HOSTNAME_MISMATCH$|^UNSPECIFIED$/,
    remedy:
      'Its certificate is not trusted, and waiting does not help: check the token URL, name the file of your CA in NODE_EXTRA_CA_CERTS, or have the certificate replaced.',
  },
  {
    kind: 'tls',
    // The server speaks no TLS, or no version or cipher of it that the client accepts.
    reasons:
      /^EPROTO$|^ERR_SSL_(?:WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG|UNSUPPORTED_PROTOCOL|UNKNOWN_PROTOCOL|NO_\w+|[\w/]+_ALERT_(?:PROTOCOL_VERSION|HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY|\w*CERTIFICATE\w*))$/,
    remedy:
      'Client and server do not agree on TLS: the port may speak plain http, or the server requires another version or a client certificate. Waiting does not help: check scheme and port of the token URL, and the proxy.',
  },
  {
    // undici's `fetch` and a dispatcher of another version do not understand each other.
    reasons: /^UND_ERR_INVALID_ARG$/,
    remedy: 'fetch refuses its arguments: its dispatcher must be of the same version of undici.',
  },
];
/** zlib, Brotli and Zstandard, as Node names their errors. */
const undecodable = /^(?:Z_|ERR__|ERR_BROTLI_|ZSTD_)/;

/** What is known about a request that failed without a response. */
export interface ConnectionFailure {
  /** The most specific error code, such as `ECONNREFUSED`, or a known message; empty when nothing is known. */
  readonly reason: string;
  /** Whether the request provably never reached the server. */
  readonly neverSent: boolean;
  /** Whether a response came, compressed in a way that cannot be undone. */
  readonly isUndecodable: boolean;
  /** What to do about a failure that waiting cannot repair; undefined for one that may pass. */
  readonly remedy: string | undefined;
}

/** Returns what an error code says about TLS; undefined when it says nothing. */
export function classifyTlsFailure(code: string): TlsFailure | undefined {
  return permanentFailures.find(({ reasons }) => reasons.test(code))?.kind;
}

/** Determines from the error of `fetch` why its request failed, and whether the request was sent. */
export function classifyConnectionFailure(failure: SanitizedError | undefined): ConnectionFailure {
  const messages = listMessages(failure);
  const known = messages.find((message) => knownMessage.test(message));
  const reason = known ?? findReason(failure);
  const remedy = permanentFailures.find(({ reasons }) => reasons.test(reason))?.remedy;
  const isDisconnected = messages.some((message) => disconnectedInHandshake.test(message));
  const neverSent = known !== undefined || remedy !== undefined || neverReached(failure) || isDisconnected;
  return { reason, neverSent, isUndecodable: undecodable.test(reason), remedy };
}

const errorCode = /^[A-Z][\w/]{2,60}$/;

/**
 * Finds the first code in the chain of causes.
 *
 * When several addresses were tried, the outer error has the code of the first attempt only. If an attempt may have reached the server,
 * its code decides.
 */
function findReason(failure: SanitizedError | undefined): string {
  if (!failure) return '';
  const { code = '', errors = [], cause } = failure;
  const decisive = [...errors.filter((error) => !neverReached(error)), ...errors].map(findReason).find(Boolean);
  return decisive ?? (errorCode.test(code) ? code : findReason(cause));
}

/** Returns whether a failure, and each attempt that it consists of, provably never reached the server. */
function neverReached(failure: SanitizedError | undefined): boolean {
  if (!failure) return false;
  const { code = '', errors = [], message, cause } = failure;
  if (errors.length > 0) return errors.every(neverReached);
  if (!errorCode.test(code)) return neverReached(cause);
  return neverConnected.test(code) || (unreachable.test(code) && message.startsWith('connect '));
}

function listMessages(failure: SanitizedError | undefined): string[] {
  return failure ? [failure.message, ...listMessages(failure.cause)] : [];
}
