import { isInstellixError } from '../error/is-instellix-error.ts';
import { type AccessToken, isSharedToken } from '../token/access-token.ts';
import { refreshInBackground } from '../token/refresh-in-background.ts';
import { isApiUrl } from './api-url.ts';
import { followRedirect } from './follow-redirect.ts';
import type { DriverResponse, RequestDriver } from './request-driver.ts';

/**
 * Continues from the first response to the last: follows redirects, and resends a request whose token the API has refused: once, and
 * again while the refreshed token came from the store. After redirects only the refused request is resent, since those before it may have
 * had an effect. For adapters.
 *
 * @throws what the operations of the driver throw
 */
export async function completeRequest<Response extends DriverResponse>(
  driver: RequestDriver<Response>,
  first: Response,
  token: AccessToken | undefined,
): Promise<Response> {
  const { redirects } = driver;
  let response = first;
  let sent = token;
  let followed = 0;
  let resends = 0;
  for (;;) {
    const next = redirects && followRedirect(driver, redirects, response, followed);
    if (next) {
      followed++;
      // After a redirect has left the API, the token is never attached again, even if a later redirect returns: an outside host chose that
      // URL.
      const mayHaveToken = response.hadToken && isApiUrl(redirects.apiUrl, next.url);
      response = await driver.send(mayHaveToken ? sent : undefined, next);
      continue;
    }
    if (!sent || !response.hadToken || response.status !== 401) return response;
    // One resend, unless its token came from the store, which may hold one that was revoked together with the first.
    if (resends++ > 0 && !isSharedToken(sent)) return response;
    if (!driver.isResendable && response.state?.hasBody !== false) {
      refreshInBackground(driver.tokens, sent);
      return response;
    }
    try {
      sent = await driver.refreshToken(sent);
    } catch (error) {
      if (isInstellixError(error) && error.code === 'token_rejected') return response;
      driver.discard(response);
      throw error;
    }
    driver.discard(response);
    response = await driver.send(sent, response.state);
  }
}
