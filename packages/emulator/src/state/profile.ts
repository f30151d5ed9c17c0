/**
 * Whose rules count at the token endpoint where the vendor and the RFCs differ.
 *
 * `vendor` never accepts what the vendor would refuse; `rfc` is RFC 6749 to the letter, for clients that must work
 * anywhere.
 */
export type Profile = 'vendor' | 'rfc';

/** All profiles. */
export const PROFILES: readonly Profile[] = ['vendor', 'rfc'];

/** What a profile decides. */
export interface ProfileRules {
  /** Whether a multipart form is understood (F4). */
  readonly takesMultipart: boolean;
  /** Whether client id and secret may stand in the form (RFC 6749 section 2.3.1). */
  readonly takesBodyCredentials: boolean;
  /** Whether the pair in a Basic header is form-encoded (RFC 6749 section 2.3.1), or the plain pair (F3). */
  readonly encodesBasic: boolean;
  /** `token_type` in the answer; RFC 6750 writes it with a capital, the vendor without. */
  readonly tokenType: 'bearer' | 'Bearer';
  /** Whether the answer tells the scope (RFC 6749 section 5.1). */
  readonly tellsScope: boolean;
  /** The default of `throttleWindowMs` (F8). */
  readonly throttleWindowMs: number;
}

/** What each profile decides. */
export const PROFILE_RULES: Readonly<Record<Profile, ProfileRules>> = {
  vendor: {
    takesMultipart: true,
    takesBodyCredentials: false,
    encodesBasic: false,
    tokenType: 'bearer',
    tellsScope: false,
    throttleWindowMs: 5_000,
  },
  rfc: {
    takesMultipart: false,
    takesBodyCredentials: true,
    encodesBasic: true,
    tokenType: 'Bearer',
    tellsScope: true,
    throttleWindowMs: 0,
  },
};
