import { setTimeout } from 'node:timers/promises';
import { createStep, type DoctorContext, failed, passed, type StepResult } from '../doctor-step.ts';
import { describeProxy } from '../proxy.ts';
import {
  closeAttempt,
  isUnauthorized,
  type RequestForm,
  requestToken,
  type TokenAttempt,
  type TokenFailure,
} from '../request-token.ts';

/** Whether the token endpoint accepts the credential, and in which form. */
export const tokenRequest = createStep({
  id: 'token_request',
  title: 'token request',
  needs: ['environment', 'isPlainCredential', 'minIntervalMs', 'responses'],
  async run(context, { environment, isPlainCredential, minIntervalMs }) {
    const { bodyFormat = 'multipart', basicEncoding = 'raw' } = context.tokenRequest;
    const used: RequestForm = { bodyFormat, basicEncoding };
    const first = await requestToken(context, used);
    if (!first.failure) return describeSuccess(first);
    const { failure } = first;
    const hint = describeProxy(context.env, environment.tokenUrl);
    if (!mayDependOnForm(failure)) return explainFailure(failure, hint);
    for (const form of otherForms(used, isPlainCredential)) {
      await pause(context, minIntervalMs);
      const attempt = await requestToken(context, form);
      if (attempt.failure) continue;
      // Another process may have caused the refusals of the first form, and by chance none of this one.
      if (isUnauthorized(failure.status)) {
        await pause(context, minIntervalMs);
        const again = await requestToken(context, used);
        if (!again.failure) {
          await closeAttempt(attempt);
          return describeSuccess({ ...again, wasRefusedFirst: true });
        }
      }
      return explainForm(form, used, failure, attempt);
    }
    return explainFailure(failure, hint);
  },
});

function mayDependOnForm({ code }: TokenFailure): boolean {
  return code === 'credentials_rejected' || code === 'token_request_refused';
}

/** All other forms, the most similar first. Both encodings of a plain credential are the same. */
function otherForms({ bodyFormat, basicEncoding }: RequestForm, isPlainCredential: boolean): RequestForm[] {
  const otherFormat = bodyFormat === 'multipart' ? 'urlencoded' : 'multipart';
  const otherEncoding = basicEncoding === 'raw' ? 'form' : 'raw';
  const sameEncoding = [{ bodyFormat: otherFormat, basicEncoding }] as const;
  if (isPlainCredential) return [...sameEncoding];
  return [
    ...sameEncoding,
    { bodyFormat, basicEncoding: otherEncoding },
    { bodyFormat: otherFormat, basicEncoding: otherEncoding },
  ];
}

/** Each form has a client of its own, so the interval between two of them is kept here, also when the file store fails. */
async function pause({ signal, progress }: DoctorContext, minIntervalMs: number): Promise<void> {
  progress.show('Waiting for the throttle before the next token request.');
  await setTimeout(minIntervalMs, undefined, { signal });
}

function describeSuccess({ token, wasRefusedFirst }: TokenAttempt & { readonly failure?: undefined }): StepResult {
  if (!wasRefusedFirst) return passed('The token endpoint accepts the credential.', { token });
  return passed(
    'The token endpoint accepts the credential, but first responded with 401: another process requested a token with it shortly before.',
    { token },
    'Give each process its own credential, or share the token: file store on one machine, Redis store on several.',
  );
}

function explainForm(form: RequestForm, used: RequestForm, failure: TokenFailure, { token }: TokenAttempt): StepResult {
  const changed = (['bodyFormat', 'basicEncoding'] as const).filter((name) => form[name] !== used[name]);
  const list = (names: RequestForm) => changed.map((name) => `${name} ${names[name]}`).join(', ');
  const options = changed.map((name) => `${name}: '${form[name]}'`).join(', ');
  const flags = changed.map((name) => `${name === 'bodyFormat' ? '--body-format' : '--basic-encoding'} ${form[name]}`);
  return failed(
    `The token endpoint refuses ${list(used)} (${describe(failure)}), and accepts ${list(form)}.`,
    `Set tokenRequest: { ${options} } in the application, and ${flags.join(' ')} here.`,
    token && { token },
  );
}

function explainFailure(failure: TokenFailure, hint: string): StepResult {
  const found = describe(failure);
  switch (failure.code) {
    case 'credentials_rejected':
      return failed(
        `The token endpoint refuses the credential (${found}), in every form and with pauses in between: environment, realm, client id and secret do not belong together.`,
        'Compare all four with the portal: it returns the same error for a realm that does not exist, an unknown id, an old secret and a deactivated credential. If other processes use the credential, stop them and run the doctor again.',
      );
    case 'token_request_refused':
      return failed(
        `The token endpoint refuses the request in every form (${found}).`,
        'Check INSTELLIX_REALM, and INSTELLIX_TOKEN_URL or the path of INSTELLIX_API_URL, below which the token URL is.',
      );
    case 'token_request_throttled':
      return failed(
        `The token endpoint throttles requests (${found}).`,
        'Other processes request too many tokens with this credential: share the token among them.',
      );
    case 'token_response_invalid':
      return failed(
        `The response is not one of a token endpoint (${found}): it came from a proxy, a sign-in page or another server.`,
        `Check INSTELLIX_TOKEN_URL and INSTELLIX_API_URL, and sign in to the network if it requires that.${hint}`,
      );
    default:
      return failed(`No token (${found}).`, `Try again later; if it persists, check the network.${hint}`);
  }
}

function describe({ code, status, reason }: TokenFailure): string {
  return [status ?? code, reason].filter((part) => part !== undefined).join(', ');
}
