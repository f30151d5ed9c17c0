/** The parts of a request that a decision needs, read before deciding, so that deciding never waits. */
export interface ReceivedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** The segment before `/oauth2/token`, decoded. */
  readonly realm: string | undefined;
  readonly body: ReceivedBody;
}

/** The bytes of a body, or why there are none. */
export type ReceivedBody = Uint8Array | 'too_large' | 'broken_off';
