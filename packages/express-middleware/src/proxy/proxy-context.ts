import type { InstellixClient } from '@instellix/core';
import type { ProxySettings } from './proxy-settings.ts';
import { ResponseHeaders } from './response-headers.ts';
import { Upstream } from './upstream.ts';

/** What all exchanges of a proxy have in common. */
export class ProxyContext {
  readonly client: InstellixClient;
  readonly settings: ProxySettings;
  readonly apiUrl: URL;
  readonly upstream: Upstream;
  readonly responseHeaders: ResponseHeaders;
  /** Of the API, without the slash at its end. */
  readonly #basePath: string;

  constructor(settings: ProxySettings) {
    const { client, timeouts, dropResponseHeaders } = settings;
    this.client = client;
    this.settings = settings;
    this.apiUrl = client.environment.apiUrl;
    this.upstream = new Upstream(this.apiUrl, timeouts.connectMs);
    this.responseHeaders = new ResponseHeaders(dropResponseHeaders);
    this.#basePath = this.apiUrl.pathname.slice(0, -1);
  }

  /** What stands in the request line to the API. */
  upstreamTarget({ path, query }: { readonly path: string; readonly query: string }): string {
    return `${this.#basePath}${path}${query}`;
  }
}
