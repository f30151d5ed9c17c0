import type { Problems } from './problems.ts';
import { readDuration, readNumber } from './read-number.ts';
import { readSettings } from './read-settings.ts';
import type { Setting } from './setting.ts';

/** {@link RefreshOptions}, complete. */
export interface RefreshSettings {
  readonly atFraction: number;
  readonly jitterFraction: number;
  /** Undefined: 10 s or a tenth of the lifetime, whichever is less. */
  readonly expiryMarginMs: number | undefined;
}

/** Reads when a token is replaced. */
export function readRefresh(setting: Setting, problems: Problems): RefreshSettings {
  const given = readSettings(setting, ['atFraction', 'jitterFraction', 'expiryMarginMs'], problems);
  const atFraction =
    readNumber(given.atFraction, 'above 0 and at most 1', (part) => part > 0 && part <= 1, problems) ?? 0.8;
  const jitterFraction = readNumber(
    given.jitterFraction,
    `from 0 to below refresh.atFraction, which is ${atFraction}`,
    (part) => part >= 0 && part < atFraction,
    problems,
  );
  return {
    atFraction,
    // An early refresh leaves less room for jitter: a token must not be due before it begins.
    jitterFraction: jitterFraction ?? Math.min(0.05, atFraction / 2),
    expiryMarginMs: readDuration(given.expiryMarginMs, true, problems),
  };
}
