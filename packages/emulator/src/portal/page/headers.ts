/**
 * Headers of every answer of the portal.
 *
 * The policy has no script at all, so there is none to inject. The referrer stays within the portal; not "no-referrer",
 * which would make browsers hide the origin of forms as well.
 *
 * @see OWASP ASVS, configuration of browser security mechanisms
 */
export const PORTAL_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};
