import type { IncomingMessage } from 'node:http';
import { ProxyRejection } from './proxy-problem.ts';

/** After these refusals it is not known where the next request on the connection would begin. */
const closing = { headers: { Connection: 'close' } };

const digits = /^\d{1,15}$/;

/**
 * Returns how many bytes of body a request announces: 0 for none, undefined for a chunked body.
 *
 * Node's parser refuses most malformed framings. This check also holds for `insecureHTTPParser`.
 *
 * @throws ProxyRejection for a framing that is not supported, and for a body that is not allowed
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-6.3
 */
export function readBodyLength(request: IncomingMessage, maxBodyBytes: number): number | undefined {
  const { headers, httpVersion, method } = request;
  const length = headers['content-length'];
  const coding = headers['transfer-encoding'];
  if (httpVersion !== '1.1' && httpVersion !== '1.0') throw new ProxyRejection('version_not_supported', closing);
  // Other upgrades, such as h2c, are offers that a server may ignore. A caller that asks for a web socket can use nothing else.
  if (headers.upgrade && /\bwebsocket\b/i.test(headers.upgrade)) throw new ProxyRejection('upgrade_not_supported');
  if (coding !== undefined) {
    if (length !== undefined || httpVersion === '1.0') throw new ProxyRejection('malformed_framing', closing);
    if (coding.trim().toLowerCase() !== 'chunked') throw new ProxyRejection('transfer_coding_not_supported', closing);
  } else if (length !== undefined && !digits.test(length)) throw new ProxyRejection('malformed_framing', closing);
  const announced = coding === undefined ? Number(length ?? 0) : undefined;
  if (announced !== 0 && (method === 'GET' || method === 'HEAD')) throw new ProxyRejection('body_not_allowed');
  if (announced !== undefined && announced > maxBodyBytes) throw new ProxyRejection('body_too_large');
  return announced;
}

/** Returns whether a parser has read the body, or is reading it. What was read cannot be forwarded. */
export function isConsumed(request: IncomingMessage): boolean {
  return request.readableDidRead || request.readableEnded || request.readableFlowing === true;
}
