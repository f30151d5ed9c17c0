import { isApiUrl } from '@instellix/core/adapter';
import { readConnectionOptions } from './connection-options.ts';
import { isPlainPath } from './request-target.ts';

/**
 * What ends at each connection, speaks of the API's own sessions and challenges, would bind the origin of whoever mounts the
 * proxy, or is an order to servers in front of it.
 */
const dropped =
  /^(?:connection|keep-alive|te|trailer|transfer-encoding|upgrade|proxy-.*|set-cookie2?|www-authenticate|authentication-info|alt-svc|strict-transport-security|public-key-pins.*|expect-ct|clear-site-data|nel|report-to|reporting-endpoints|access-control-.*|service-worker-allowed|refresh|x-sendfile|x-lighttpd-send-file|x-accel-(?!buffering$).*|x-reproxy-.*)$/;

const locations = /^(?:content-)?location$/;

/** Headers as undici reads them: lower-case names, a list where one came more than once. */
export type ReceivedHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The head of an answer, as the caller gets it. */
export interface AnswerHead {
  /** Names and values in turn. */
  readonly headers: readonly (string | string[])[];
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

  /** Returns undefined for an answer that cannot be relayed, because it is framed in a way that callers may not know. */
  select(received: ReceivedHeaders, status: number, context: AnswerContext): AnswerHead | undefined {
    const coding = received['transfer-encoding'];
    if (coding !== undefined && coding.toString().trim().toLowerCase() !== 'chunked') return undefined;
    const endingHere = readConnectionOptions(received['connection']?.toString());
    const headers: (string | string[])[] = [];
    let isSized = false;
    for (const name of Object.keys(received)) {
      const value = received[name];
      if (value === undefined || this.#isDropped(name, endingHere)) continue;
      if (name === 'content-length') {
        if (status === 204) continue;
        isSized = true;
      }
      const adapted = adapt(name, value, context);
      if (adapted !== undefined) headers.push(name, adapted);
    }
    return { headers, isSized };
  }

  #isDropped(name: string, endingHere: ReadonlySet<string>): boolean {
    if (name === 'content-length') return false;
    return dropped.test(name) || this.#drop.has(name) || endingHere.has(name);
  }
}

function adapt(name: string, value: string | string[], context: AnswerContext): string | string[] | undefined {
  if (name === 'vary' && context.vary) return `${context.vary}, ${value}`;
  return locations.test(name) ? mapAddress(value.toString(), context) : value;
}

/** Returns what the caller has to ask for to get there; undefined for what is not below the API's base. */
function mapAddress(location: string, { apiUrl, requested, mountPath }: AnswerContext): string | undefined {
  const base = new URL(requested, apiUrl);
  const url = URL.canParse(location, base.href) ? new URL(location, base) : undefined;
  if (!url || !isApiUrl(apiUrl, url) || !isPlainPath(url.pathname)) return undefined;
  const below = url.pathname.slice(apiUrl.pathname.length - 1);
  return `${mountPath}${below}${url.search}${url.hash}` || '/';
}
