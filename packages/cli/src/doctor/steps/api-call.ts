import { describeRefusal, findInstellixError, isApiUnreachable } from '@instellix/core';
import { findErrorCode } from '../../error/find-error-code.ts';
import { createStep, failed, passed } from '../doctor-step.ts';

/** The vendor's own example. Any token suffices for it, where it exists. */
const defaultPath = '/some-resource';

/** Whether the API accepts the token. */
export const apiCall = createStep({
  id: 'api_call',
  title: 'API call',
  needs: ['token'],
  async run({ path, signal }, { token }) {
    const target = path ?? defaultPath;
    const call = `GET ${target}`;
    let response: Response;
    try {
      response = await token.client.fetch(target, { signal });
    } catch (error) {
      signal.throwIfAborted();
      const known = findInstellixError(error);
      if (known) return failed(`${call} failed: ${known.code}.`, known.message);
      if (!isApiUnreachable(error)) throw error;
      return failed(
        `${call} did not reach the API (${findErrorCode(error)}).`,
        'Run the doctor again; if it persists, check the network.',
      );
    }
    await response.body?.cancel();
    const { status, ok } = response;
    if (ok) return passed(`${call} responded with ${status}.`);
    const refusal = describeRefusal(response);
    if (refusal) return failed(`${call} responded with ${status} (${refusal.code}).`, refusal.message);
    const remedy = 'Give the path of a resource that you use: --path /…';
    if (status === 404 && path === undefined)
      return passed(`${call} responded with 404, so the token was not refused.`, {}, remedy);
    if (status === 404)
      return failed(`${call} responded with 404.`, 'Check the path, and the base path of INSTELLIX_API_URL.');
    return failed(`${call} responded with ${status}.`, 'Try again later; if it persists, ask the operator of the API.');
  },
});
