/** What a client needs to get tokens from a {@link TokenServer}. */
export interface Credential {
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly realm: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** How the token endpoint has answered one credential. */
export interface TokenRequestCount {
  readonly issued: number;
  /** Refused by the throttle, although the credential is right. */
  readonly throttled: number;
  readonly total: number;
}
