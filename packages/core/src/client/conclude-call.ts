import { isInstellixError } from '../error/instellix-error.ts';
import type { AccessToken } from '../token/access-token.ts';
import { renewInBackground } from '../token/renew-in-background.ts';
import type { ApiAnswer, ApiCall } from './api-call.ts';
import { followRedirects } from './follow-redirects.ts';

/**
 * Goes on from the first answer to the last: follows redirects, and sends a request once more whose token the API has refused.
 * Behind redirects only the refused one, since what led there may have been done already. A 401 that cannot be healed is an
 * answer like any other. For adapters.
 *
 * @throws whatever the verbs of the call throw
 */
export async function concludeCall<Answer extends ApiAnswer>(
  call: ApiCall<Answer>,
  first: Answer,
  token: AccessToken | undefined,
): Promise<Answer> {
  const answer = await followRedirects(call, first, token);
  if (!token || !answer.boreToken || answer.status !== 401) return answer;
  if (!call.isReplayable && answer.hop?.hasBody !== false) {
    renewInBackground(call.tokens, token);
    return answer;
  }
  let renewed: AccessToken;
  try {
    renewed = await call.awaitToken(token);
  } catch (error) {
    if (isInstellixError(error) && error.code === 'token_rejected') return answer;
    await call.discard(answer);
    throw error;
  }
  await call.discard(answer);
  return followRedirects(call, await call.send(renewed, answer.hop), renewed);
}
