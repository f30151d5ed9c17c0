/**
 * Whether a request comes from a page of the emulator itself, or from no page at all.
 *
 * Browsers name the origin on every request that can change something, and say in Sec-Fetch-Site who asked.
 *
 * @param host the Host header, which has been checked before.
 */
export function isSameOrigin(headers: Headers, host: string): boolean {
  const origin = headers.get('origin');
  if (origin !== null && origin !== `http://${host}` && origin !== `https://${host}`) return false;
  const site = headers.get('sec-fetch-site');
  return site === null || site === 'same-origin' || site === 'none';
}
