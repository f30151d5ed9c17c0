import { expiryMarginMs as findExpiryMargin } from '@instellix/core/adapter';
import { createStep, failed, passed } from '../doctor-step.ts';

/** Whether the token lives long enough for the margin and for the interval between token requests. */
export const tokenLifetime = createStep({
  id: 'token_lifetime',
  title: 'token lifetime',
  needs: ['token', 'minIntervalMs'],
  run({ expiryMarginMs }, { token, minIntervalMs }) {
    const { lifetimeMs, isAssumed } = token;
    const marginMs = findExpiryMargin(lifetimeMs, { expiryMarginMs });
    const lifetime = `The token lives ${toSeconds(lifetimeMs)}`;
    const raise = 'have the lifetime raised in the security configuration of the instance';
    if (expiryMarginMs !== undefined && marginMs < expiryMarginMs) {
      return failed(
        `${lifetime}, and refresh.expiryMarginMs is ${toSeconds(expiryMarginMs)}: the client uses ${toSeconds(marginMs)} instead.`,
        `Set refresh.expiryMarginMs to at most ${Math.floor(marginMs)}, or ${raise}.`,
      );
    }
    if (lifetimeMs - marginMs <= minIntervalMs) {
      return failed(
        `${lifetime}, which is too short: the next one may be requested only ${toSeconds(minIntervalMs)} after it, so calls wait.`,
        `${raise.replace(/^h/, 'H')}; 60 s or more are good.`,
      );
    }
    if (!isAssumed) return passed(`${lifetime}, and is used until ${toSeconds(marginMs)} before its end.`);
    const remedy = 'If tokens are rejected, find out the real lifetime from the operator of the server.';
    return passed(`The response has no expires_in, so a lifetime of ${toSeconds(lifetimeMs)} is assumed.`, {}, remedy);
  },
});

function toSeconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
