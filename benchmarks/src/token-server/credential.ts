/** What a client needs to get tokens from a {@link TokenServer}. */
export interface Credential {
  readonly apiUrl: string;
  readonly tokenUrl: string;
  readonly realm: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The responses of the token endpoint to one credential. */
export interface TokenRequestCount {
  readonly issued: number;
  /** Throttled, although the credential is correct. */
  readonly throttled: number;
  readonly total: number;
}
