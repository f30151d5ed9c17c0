import { describeRefusal } from '@instellix/core';
import { describeError } from '../../error/describe-error.ts';
import { createStep, failed, passed, type StepResult } from '../doctor-step.ts';
import { withTimeLimit } from '../with-time-limit.ts';

const timeoutMs = 10_000;

/** The vendor's own example. Any token suffices for it, where it exists. */
const defaultPath = '/some-resource';

/** Whether the API accepts the token. */
export const apiCall = createStep({
  id: 'api_call',
  title: 'API call',
  needs: ['token'],
  async run({ path, signal }, { token: { client } }) {
    const target = path ?? defaultPath;
    const call = `GET ${target}`;
    let response: Response;
    try {
      response = await withTimeLimit(signal, timeoutMs, (ended) => client.fetch(target, { signal: ended }));
    } catch (error) {
      signal.throwIfAborted();
      return failed(
        `${call} failed. ${describeError(error)}`,
        'Run the doctor again; if it persists, check the path, INSTELLIX_API_URL and the network.',
      );
    }
    await response.body?.cancel();
    const { apiUrl } = client.environment;
    return explainResponse(call, response, apiUrl, path !== undefined);
  },
});

function explainResponse(call: string, response: Response, apiUrl: URL, isGiven: boolean): StepResult {
  const { status, ok, url } = response;
  if (!url.startsWith(apiUrl.href)) {
    return failed(
      `${call} was redirected to ${new URL(url).origin}, outside of the API.`,
      'Check the path and INSTELLIX_API_URL. A redirect to a sign-in page means that the server does not accept access tokens there.',
    );
  }
  if (ok) return passed(`${call} responded with ${status}.`);
  const refusal = describeRefusal(response);
  if (refusal) return failed(`${call} responded with ${status} (${refusal.code}).`, refusal.message);
  const remedy = 'Give the path of a resource that you use: --path /…';
  if (status === 404 && !isGiven) {
    return passed(`${call} responded with 404, so the token was not refused.`, {}, remedy);
  }
  if (status === 404) {
    return failed(`${call} responded with 404.`, 'Check the path, and the base path of INSTELLIX_API_URL.');
  }
  return failed(`${call} responded with ${status}.`, 'Try again later; if it persists, ask the operator of the API.');
}
