import { isApiUrl } from '@instellix/core/adapter';
import { readConnectionOptions } from './request-headers.ts';
import { isPlainPath } from './request-target.ts';

/** Headers that callers never receive, each group for its own reason. `docs/express-proxy.md` lists them. */
const dropped = [
  // They end at each connection.
  /^(?:close|connection|keep-alive|te|trailer|transfer-encoding|upgrade|http2-settings|capsule-protocol|proxy-.*)$/,
  // The sessions, challenges and credentials between the service and the API.
  /^(?:set-cookie2?|cookie2?|authorization|(?:optional-)?www-authenticate|authentication-.*|client-cert.*|concealed-auth-export|dpop.*|hobareg|include-referred-token-binding-id|login-status|set-login|sec-.*|secure-session-.*)$/,
  // They would bind or open the whole origin of the service.
  /^(?:access-control-.*|timing-allow-origin|alt-svc|strict-transport-security|public-key-pins.*|expect-ct|clear-site-data|nel|report-to|reporting-endpoints|origin-agent-cluster|origin-trial|service-worker-allowed|activate-storage-access|accept-ch.*|critical-ch|use-as-dictionary|speculation-rules|supports-loading-mode|observe-browsing-topics|attribution-reporting-.*|shared-storage-write|ad-auction-.*|refresh)$/,
  // Orders to caches and servers in front of the service.
  /^(?:surrogate-.*|(?:.*-)?cdn-cache-control|edge-.*|cache-tag|cache-group.*|x-(?:envoy|lighttpd|litespeed|reproxy)-.*|x-sendfile.*|x-accel-(?!buffering$).*)$/,
];

/** Policies for the browser. When the service sets one, with helmet for example, the API cannot weaken it. */
const policies =
  /^(?:content-security-policy.*|cross-origin-.*|(?:document|feature|integrity|permissions)-policy.*|referrer-policy|x-(?:content-type-options|dns-prefetch-control|download-options|frame-options|permitted-cross-domain-policies|xss-protection))$/;

/** Headers as undici reads them: lower-case names, and an array when a header occurs more than once. */
export type ReceivedHeaders = Readonly<Record<string, string | string[] | undefined>>;

type HeaderValue = string | string[];

/** What a response is adapted to. */
export interface ResponseContext {
  readonly apiUrl: URL;
  /** The target that was requested. */
  readonly requested: string;
  readonly mountPath: string;
  /** With the headers that the service itself has set. */
  readonly response: { getHeader(name: string): HeaderValue | number | undefined };
}

/** Selects the headers of the API's response that go to the caller. */
export class ResponseHeaders {
  readonly #drop: ReadonlySet<string>;

  constructor(drop: readonly string[]) {
    this.#drop = new Set(drop.map((name) => name.toLowerCase()));
  }

  /** Returns undefined for a response that cannot be forwarded, because callers may not know its transfer coding. */
  select(received: ReceivedHeaders, status: number, context: ResponseContext): [string, HeaderValue][] | undefined {
    const coding = received['transfer-encoding'];
    if (coding !== undefined && coding.toString().trim().toLowerCase() !== 'chunked') return undefined;
    const connectionOptions = readConnectionOptions(received['connection']?.toString());
    const selected: [string, HeaderValue][] = [];
    for (const name of Object.keys(received)) {
      const value = received[name];
      if (value === undefined || name === 'content-length' || name === 'cache-control') continue;
      if (this.#isDropped(name) || connectionOptions.has(name)) continue;
      const adapted = adapt(name, value, context);
      if (adapted !== undefined) selected.push([name, adapted]);
    }
    const cacheControl = received['cache-control'] ?? context.response.getHeader('cache-control');
    if (!this.#drop.has('cache-control')) selected.push(['cache-control', keepPrivate(cacheControl?.toString())]);
    const length = received['content-length'];
    // Last: when it comes before Content-Disposition, Node re-encodes a file name in UTF-8.
    if (length !== undefined && status !== 204) selected.push(['content-length', length]);
    return selected;
  }

  #isDropped(name: string): boolean {
    return this.#drop.has(name) || dropped.some((pattern) => pattern.test(name));
  }
}

function adapt(name: string, value: HeaderValue, context: ResponseContext): HeaderValue | undefined {
  if (name === 'location' || name === 'content-location') return mapLocation(value.toString(), context);
  const own = context.response.getHeader(name);
  if (name === 'vary' && own) return `${own}, ${value}`;
  return own !== undefined && policies.test(name) ? undefined : value;
}

/**
 * Keeps shared caches from storing what the API sent to the service: the API's request had `Authorization`, the caller's may have none.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9111#section-3.5
 */
function keepPrivate(cacheControl: string | undefined): string {
  if (!cacheControl) return 'private';
  const directives = cacheControl.toLowerCase().replace(/"[^"]*"/g, '""');
  const isDecided = directives.split(',').some((directive) => decisive.test(directive.trim()));
  return isDecided ? cacheControl : `${cacheControl}, private`;
}

const decisive = /^(?:private|no-store|public|must-revalidate|s-maxage\s*=.*)$/;

/** Returns what the caller must request to get there; undefined for a location that is not below the API's base. */
function mapLocation(location: string, { apiUrl, requested, mountPath }: ResponseContext): string | undefined {
  const base = new URL(requested, apiUrl);
  const url = URL.canParse(location, base.href) ? new URL(location, base) : undefined;
  if (!url || !isApiUrl(apiUrl, url) || !isPlainPath(url.pathname)) return undefined;
  const below = url.pathname.slice(apiUrl.pathname.length - 1);
  return `${mountPath}${below}${url.search}${url.hash}` || '/';
}
