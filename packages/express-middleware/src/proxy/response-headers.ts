import { isApiUrl } from '@instellix/core';
import { readConnectionOptions } from './connection-options.ts';
import { isPlainPath } from './request-target.ts';

/**
 * What ends at each connection, speaks of the API's own sessions and challenges, would bind the origin of whoever mounts the
 * proxy, or is an order to servers in front of it.
 */
const dropped =
  /^(?:connection|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-.*|set-cookie2?|www-authenticate|authentication-info|alt-svc|strict-transport-security|public-key-pins.*|expect-ct|clear-site-data|nel|report-to|reporting-endpoints|access-control-.*|service-worker-allowed|refresh|x-sendfile|x-lighttpd-send-file|x-accel-(?!buffering$).*|x-reproxy-.*)$/;

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-5.5 */
const headerValue = /^[\t -~\x80-\xff]*$/;

const locations = /^(?:content-)?location$/;

/** The head of an answer, as the caller gets it. */
export interface AnswerHead {
  /** Names and values in turn. */
  readonly headers: string[];
  /** Whether the answer says how long it is. */
  readonly isSized: boolean;
}

/** What an answer is put into. */
export interface AnswerContext {
  readonly apiUrl: URL;
  /** The address that was asked. */
  readonly requested: string;
  readonly mountPath: string;
  /** What the service itself makes its answers vary by. */
  readonly vary: string | undefined;
}

/** Chooses what of the API's headers goes to the caller. */
export class ResponseHeaders {
  readonly #drop: ReadonlySet<string>;

  constructor(drop: readonly string[]) {
    this.#drop = new Set(drop.map((name) => name.toLowerCase()));
  }

  /** Returns undefined for an answer that cannot be relayed: framed in an unknown way, or with control characters in it. */
  select(raw: readonly string[], status: number, context: AnswerContext): AnswerHead | undefined {
    const endingHere = readConnectionOptions(findHeader(raw, 'connection'));
    const headers: string[] = [];
    let isSized = false;
    for (let i = 0; i < raw.length; i += 2) {
      const name = raw[i] as string;
      const key = name.toLowerCase();
      let value: string | undefined = raw[i + 1] as string;
      if (key === 'transfer-encoding' && value.trim().toLowerCase() !== 'chunked') return undefined;
      if (!headerValue.test(value)) return undefined;
      if (key === 'content-length') {
        if (status === 204) continue;
        isSized = true;
      } else if (dropped.test(key) || this.#drop.has(key) || endingHere.has(key)) continue;
      else if (locations.test(key)) value = mapAddress(value, context);
      else if (key === 'vary' && context.vary) value = `${context.vary}, ${value}`;
      if (value !== undefined) headers.push(name, value);
    }
    return { headers, isSized };
  }
}

/** Returns the values of a header as one. */
export function findHeader(raw: readonly string[], key: string): string | undefined {
  let found: string | undefined;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i] as string;
    if (name.length === key.length && name.toLowerCase() === key) {
      found = found === undefined ? raw[i + 1] : `${found}, ${raw[i + 1]}`;
    }
  }
  return found;
}

/** Returns what the caller has to ask for to get there; undefined for what is not below the API's base. */
function mapAddress(location: string, { apiUrl, requested, mountPath }: AnswerContext): string | undefined {
  const base = new URL(requested, apiUrl);
  const url = URL.canParse(location, base.href) ? new URL(location, base) : undefined;
  if (!url || !isApiUrl(apiUrl, url) || !isPlainPath(url.pathname)) return undefined;
  const below = url.pathname.slice(apiUrl.pathname.length - 1);
  return `${mountPath}${below}${url.search}${url.hash}` || '/';
}
