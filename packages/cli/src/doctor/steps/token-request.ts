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

/** What the doctor adds to the errors of core. */
const remedies: Readonly<Record<string, string>> = {
  credentials_rejected:
    'Every form of the request was tried, with pauses in between: environment, realm, client id and secret do not belong together. Compare all four with the portal: the endpoint returns the same error for a realm that does not exist, an unknown id, an old secret and a deactivated credential. If other processes use the credential, stop them and run the doctor again.',
  token_request_refused:
    'Every form of the request was tried. Check INSTELLIX_REALM, and INSTELLIX_TOKEN_URL or the path of INSTELLIX_API_URL, below which the token URL is.',
  token_request_throttled: 'Other processes request too many tokens with this credential: share the token among them.',
  token_response_invalid:
    'If it did not come from the token endpoint, but from a proxy, a sign-in page or another server, check INSTELLIX_TOKEN_URL and INSTELLIX_API_URL, and sign in to the network if it requires that. Otherwise ask the operator of the server.',
};

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
          return describeSuccess({ ...again, refusedFirst: failure.status });
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

function describeSuccess({ token, refusedFirst }: TokenAttempt & { readonly failure?: undefined }): StepResult {
  if (refusedFirst === undefined) return passed('The token endpoint accepts the credential.', { token });
  return passed(
    `The token endpoint accepts the credential, but first responded with ${refusedFirst}: another process requested a token with it shortly before.`,
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

function explainFailure({ code, message }: TokenFailure, hint: string): StepResult {
  return failed(
    message,
    `${remedies[code] ?? 'Run the doctor again; if it persists, ask the operator of the server.'}${hint}`,
  );
}

function describe({ status, oauthError }: TokenFailure): string {
  return [status, oauthError].filter((part) => part !== undefined).join(', ');
}
