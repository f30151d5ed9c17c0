import type { IncomingMessage } from 'node:http';
import { ProxyRejection } from './proxy-rejection.ts';

/** How much body a request announces. */
export interface RequestFraming {
  /** Bytes; 0: no body, undefined: as many as come. */
  readonly announced: number | undefined;
}

/** Nobody knows where the next request would begin. */
const hangUp = { Connection: 'close' };

const digits = /^\d{1,15}$/;

/**
 * Reads how the body of a request is framed. Node's parser refuses the worst; this holds for lenient parsers, too.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-6.3
 */
export function readFraming(request: IncomingMessage, maxBodyBytes: number): RequestFraming | ProxyRejection {
  const { headers, httpVersion, method } = request;
  const length = headers['content-length'];
  const coding = headers['transfer-encoding'];
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return new ProxyRejection('version_not_supported', hangUp);
  // Other offers, such as h2c, may be ignored; whoever asks for a web socket can use nothing else.
  if (headers.upgrade && /\bwebsocket\b/i.test(headers.upgrade)) return new ProxyRejection('upgrade_not_supported');
  if (coding !== undefined) {
    if (length !== undefined || httpVersion === '1.0') return new ProxyRejection('malformed_framing', hangUp);
    if (coding.trim().toLowerCase() !== 'chunked') return new ProxyRejection('transfer_coding_not_supported', hangUp);
  } else if (length !== undefined && !digits.test(length)) return new ProxyRejection('malformed_framing', hangUp);
  const announced = coding === undefined ? Number(length ?? 0) : undefined;
  if (announced !== 0 && (method === 'GET' || method === 'HEAD')) return new ProxyRejection('body_not_allowed');
  if (announced !== undefined && announced > maxBodyBytes) return new ProxyRejection('body_too_large');
  return { announced };
}

/** Tells whether somebody has read of the body, or is reading it; what was read cannot be forwarded. */
export function isConsumed(request: IncomingMessage): boolean {
  return request.readableDidRead || request.readableEnded || request.readableFlowing === true;
}
