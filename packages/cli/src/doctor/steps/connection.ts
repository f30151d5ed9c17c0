import { readCertificate } from '../certificate.ts';
import { explainConnectionFailure, toDay } from '../connection-failure.ts';
import { createStep, type DoctorContext, failed, type HostResponse, passed, type StepResult } from '../doctor-step.ts';
import { describeProxy, findProxy } from '../proxy.ts';
import { withTimeLimit } from '../with-time-limit.ts';

const timeoutMs = 10_000;
const dayMs = 86_400_000;
const warnBeforeDays = 14;
/** @see https://www.rfc-editor.org/rfc/rfc9110#section-15.5.8 and https://www.rfc-editor.org/rfc/rfc6585#section-6 */
const proxyStatuses = [407, 511];

/** Whether API and token endpoint respond, over TLS that this machine trusts. No credential is sent. */
export const connection = createStep({
  id: 'connection',
  title: 'connection and certificate',
  needs: ['urls'],
  async run({ env, signal }, { urls }) {
    const responses: HostResponse[] = [];
    const verdicts: string[] = [];
    const remedies: string[] = [];
    for (const url of urls) {
      const sentAt = Date.now();
      let response: Response;
      try {
        // As the client sends its requests: through the same proxy, with the same trust.
        const send = (ended: AbortSignal) => fetch(url, { method: 'HEAD', redirect: 'manual', signal: ended });
        response = await withTimeLimit(signal, timeoutMs, send);
      } catch (error) {
        signal.throwIfAborted();
        return explainConnectionFailure(error, url, env);
      }
      const { status, headers } = response;
      if (proxyStatuses.includes(status)) return explainProxy(url.host, status, describeProxy(env, url));
      const date = Date.parse(headers.get('date') ?? '');
      // Of a cached response. @see https://www.rfc-editor.org/rfc/rfc9111#section-5.1
      const ageMs = Number(/^\d{1,9}$/.exec(headers.get('age') ?? '') ?? 0) * 1_000;
      const at = (sentAt + Date.now()) / 2;
      responses.push({ host: url.host, date: Number.isNaN(date) ? undefined : date + ageMs, at });
      const { verdict, remedy } = await describeCertificate(url, env);
      // Its value comes from outside and may contain anything, so it is not printed.
      verdicts.push(`${url.host} responds${verdict}${headers.has('via') ? ', through a proxy or CDN' : ''}.`);
      if (remedy) remedies.push(remedy);
    }
    return passed(verdicts.join(' '), { responses }, remedies.join(' ') || undefined);
  },
});

function explainProxy(host: string, status: number, hint: string): StepResult {
  return failed(
    `A proxy between this machine and ${host} responded in its place, with status ${status}.`,
    `Sign in to the network or the proxy, or have the proxy let requests to ${host} pass.${hint}`,
  );
}

async function describeCertificate(
  url: URL,
  env: DoctorContext['env'],
): Promise<{ readonly verdict: string; readonly remedy?: string }> {
  if (url.protocol === 'http:') return { verdict: ' over plain http' };
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    const remedy =
      'Anyone in between can read the secret: unset NODE_TLS_REJECT_UNAUTHORIZED, and use NODE_EXTRA_CA_CERTS.';
    return { verdict: ' over https, without a check of its certificate', remedy };
  }
  // Behind a proxy, there may be no direct connection over which it could be read.
  const certificate = findProxy(env, url)?.isUsed ? undefined : await readCertificate(url);
  if (!certificate) return { verdict: ' over https' };
  const { validTo } = certificate;
  const verdict = ` over https, with a certificate until ${toDay(validTo)}`;
  if (validTo - Date.now() > warnBeforeDays * dayMs) return { verdict };
  return { verdict, remedy: `The certificate of ${url.host} expires soon: tell the operator of the server.` };
}
