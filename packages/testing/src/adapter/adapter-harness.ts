import type { InstellixClient } from '@instellix/core';

/** One call as every adapter can make it. */
export interface AdapterCall {
  readonly method: string;
  /** Relative to the API's base, or absolute. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream can be sent only once. */
  readonly body?: string | ReadableStream<Uint8Array>;
  readonly signal?: AbortSignal;
}

/** What came back, whether the adapter returned or threw it. */
export interface AdapterResponse {
  readonly status: number;
  readonly body: string;
  /** All that the adapter gave to its user: searched for tokens. */
  readonly raw: unknown;
}

/** How the contract drives an adapter. */
export interface AdapterHarness {
  /** Makes the adapter's user-facing part for a client; called once per case. */
  create(client: InstellixClient): { send(call: AdapterCall): Promise<AdapterResponse> };
}

/** One promise that every adapter keeps. */
export interface AdapterCase {
  readonly title: string;
  verify(harness: AdapterHarness): Promise<void>;
}
