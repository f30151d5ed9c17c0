/**
 * The rules of the token endpoint where the vendor and the RFCs differ.
 *
 * `vendor` accepts nothing that the vendor rejects. `rfc` is RFC 6749 to the letter, for clients of any server.
 */
export type Profile = 'vendor' | 'rfc';

/** The rules that differ between the profiles. */
export interface ProfileRules {
  /** Whether a multipart form is accepted (F4). */
  readonly acceptsMultipart: boolean;
  /** Whether client id and secret are accepted in the form (RFC 6749 section 2.3.1). */
  readonly acceptsBodyCredentials: boolean;
  /** Whether the pair in a Basic header is form-encoded (RFC 6749 section 2.3.1), or the plain pair (F3). */
  readonly encodesBasic: boolean;
  /** The `token_type` of a response: RFC 6750 writes it in upper case, the vendor in lower case. */
  readonly tokenType: 'bearer' | 'Bearer';
  /** Whether a response contains the scope (RFC 6749 section 5.1). */
  readonly returnsScope: boolean;
  /** The default of `throttleWindowMs` (F8). */
  readonly throttleWindowMs: number;
}

/** The rules of each profile. */
export const PROFILE_RULES: Readonly<Record<Profile, ProfileRules>> = {
  vendor: {
    acceptsMultipart: true,
    acceptsBodyCredentials: false,
    encodesBasic: false,
    tokenType: 'bearer',
    returnsScope: false,
    throttleWindowMs: 5_000,
  },
  rfc: {
    acceptsMultipart: false,
    acceptsBodyCredentials: true,
    encodesBasic: true,
    tokenType: 'Bearer',
    returnsScope: true,
    throttleWindowMs: 0,
  },
};
