import { randomBytes } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import type { IncomingHttpHeaders } from 'node:http';
import { ProxyRejection } from './proxy-problem.ts';

const forwarded = /^(?:accept.*|content-(?!length$).+|if-.+|range|idempotency-key|trace.*)$/;

/** Headers that the proxy sets, that end at each connection, that speak for another party, or that turn a request into another. */
const neverForwarded =
  /^(?:authorization|cookie2?|host|content-length|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|http2-settings|via|forwarded|max-forwards|proxy-.*|x-forwarded-.*|x-real-ip|x-http-method.*|x-method-override|x-original-url|x-rewrite-url|:.*)$/;

const token = /^[!#$%&'*+\-.^`|~\w]+$/;

/** Instrumentation of undici, such as OpenTelemetry's, subscribes here and adds the `traceparent` of the service's own span. */
const instrumentation = channel('undici:request:create');

/** Returns whether a header may be named in `requestHeaders`. */
export function isForwardable(name: string): boolean {
  return isHeaderName(name) && !neverForwarded.test(name.toLowerCase());
}

/** Returns whether a string can be the name of a header. */
export function isHeaderName(name: string): boolean {
  return token.test(name);
}

/**
 * Returns the names of the headers that are meant for this connection only.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1
 */
export function readConnectionOptions(connection: string | undefined): ReadonlySet<string> {
  return new Set(connection?.split(',').map((option) => option.trim().toLowerCase()));
}

/** A longer chain of these proxies is a loop. */
const maxHops = 8;
const hop = /\binstellix-proxy-[\da-f]{16}\b/g;

/** Selects the headers of a caller that go to the API. */
export class RequestHeaders {
  readonly #extra: ReadonlySet<string>;
  /** Random, so that it says nothing about the host. */
  readonly #pseudonym = `instellix-proxy-${randomBytes(8).toString('hex')}`;

  constructor(extra: readonly string[]) {
    this.#extra = new Set(extra.map((name) => name.toLowerCase()));
  }

  /**
   * Returns names and values in turn, without `Authorization`.
   *
   * @throws ProxyRejection for a request in a loop
   */
  select(headers: IncomingHttpHeaders): string[] {
    const hops: readonly string[] = headers.via?.match(hop) ?? [];
    if (hops.includes(this.#pseudonym) || hops.length >= maxHops) throw new ProxyRejection('loop_detected');
    const connectionOptions = readConnectionOptions(headers.connection);
    const selected = ['via', [...hops, this.#pseudonym].map((name) => `1.1 ${name}`).join(', ')];
    for (const name of Object.keys(headers)) {
      const value = headers[name];
      if (value === undefined || !this.#isForwarded(name) || connectionOptions.has(name)) continue;
      selected.push(name, typeof value === 'string' ? value : value.join(', '));
    }
    return selected;
  }

  #isForwarded(name: string): boolean {
    // undici does not replace a header that instrumentation adds, and two `traceparent` headers make the API ignore both.
    if (name.startsWith('trace') && instrumentation.hasSubscribers) return false;
    return forwarded.test(name) || this.#extra.has(name);
  }
}
