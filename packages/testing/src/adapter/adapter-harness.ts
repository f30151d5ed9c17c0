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

/** What the adapter returned or threw. */
export interface AdapterResponse {
  readonly status: number;
  readonly body: string;
  /** Everything that the adapter gave to its user: searched for tokens. */
  readonly raw: unknown;
}

/** How the contract calls an adapter. */
export interface AdapterHarness {
  /** Creates the part of the adapter that users call. Called once per case. */
  create(client: InstellixClient): { send(call: AdapterCall): Promise<AdapterResponse> };
}

/** One behaviour that every adapter must have. */
export interface AdapterCase {
  readonly title: string;
  verify(harness: AdapterHarness): Promise<void>;
}
