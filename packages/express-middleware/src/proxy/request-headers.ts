import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { readConnectionOptions } from './connection-options.ts';
import { ProxyRejection } from './proxy-rejection.ts';

const forwarded = /^(?:accept.*|content-.+|if-.+|range|idempotency-key|trace.*)$/;

/** What the proxy sets itself, what ends at each connection, what speaks for somebody else, and what turns a request into another. */
const neverForwarded =
  /^(?:authorization|cookie2?|host|content-length|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|http2-settings|via|forwarded|max-forwards|proxy-.*|x-forwarded-.*|x-real-ip|x-http-method.*|x-method-override|x-original-url|x-rewrite-url|:.*)$/;

const token = /^[!#$%&'*+\-.^`|~\w]+$/;

/** Tells whether a header may be named in `requestHeaders`. */
export function isForwardable(name: string): boolean {
  return token.test(name) && !neverForwarded.test(name.toLowerCase());
}

/** More proxies of this kind behind each other than anyone builds on purpose. */
const mostHops = 8;
const hop = /\binstellix-proxy-[\da-f]{16}\b/g;

/** Chooses what of a caller's headers goes to the API. */
export class RequestHeaders {
  readonly #extra: ReadonlySet<string>;
  /** Random, so that it tells nothing about where it runs. */
  readonly #pseudonym = `instellix-proxy-${randomBytes(8).toString('hex')}`;

  constructor(extra: readonly string[]) {
    this.#extra = new Set(extra.map((name) => name.toLowerCase()));
  }

  /** Returns names and values in turn, without `Authorization`. */
  select(headers: IncomingHttpHeaders): string[] | ProxyRejection {
    const hops: readonly string[] = headers.via?.match(hop) ?? [];
    if (hops.includes(this.#pseudonym) || hops.length >= mostHops) return new ProxyRejection('loop_detected');
    const endingHere = readConnectionOptions(headers.connection);
    const selected = ['via', [...hops, this.#pseudonym].map((name) => `1.1 ${name}`).join(', ')];
    for (const name of Object.keys(headers)) {
      const value = headers[name];
      if (value === undefined || !this.#isForwarded(name) || endingHere.has(name)) continue;
      selected.push(name, typeof value === 'string' ? value : value.join(', '));
    }
    return selected;
  }

  #isForwarded(name: string): boolean {
    return (forwarded.test(name) && name !== 'content-length') || this.#extra.has(name);
  }
}
