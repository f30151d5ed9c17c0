import { describe, expect, test } from 'vitest';
import { TokenRequestError } from '../../src/error/token-request-error.ts';
import { InvalidClientTracker } from '../../src/token/invalid-client-tracker.ts';

const error = new TokenRequestError('credentials_rejected', 'refused');

/** How long each of so many verdicts keeps the secret from being tried. */
function coolDowns(trial: InvalidClientTracker, count: number): number[] {
  trial.refuse('secret', error, 0);
  return Array.from({ length: count }, () => {
    trial.refuse('secret', error, 0);
    return trial.coolDownUntil;
  });
}

describe('InvalidClientTracker', () => {
  test('does not condemn a credential after one 401, which may be the throttle', () => {
    const trial = new InvalidClientTracker(5_500);
    expect(trial.refuse('secret', error, 0)).toBe(false);
    expect(trial.verdictOn('secret', 0)).toBeUndefined();
    expect(trial.coolDownUntil).toBe(Number.NEGATIVE_INFINITY);
  });

  test('condemns it after the second 401 in a row', () => {
    const trial = new InvalidClientTracker(5_500);
    trial.refuse('secret', error, 0);
    expect(trial.refuse('secret', error, 5_500)).toBe(true);
    expect(trial.verdictOn('secret', 10_999)).toBe(error);
    expect(trial.coolDownUntil).toBe(11_000);
    expect(trial.verdictOn('secret', 11_000)).toBeUndefined();
  });

  test('cools down for a window, doubling to 60 s, so that a wrong secret is not asked for ever', () => {
    expect(coolDowns(new InvalidClientTracker(5_500), 6)).toEqual([5_500, 11_000, 22_000, 44_000, 60_000, 60_000]);
  });

  test('forgets everything once the credential was accepted', () => {
    const trial = new InvalidClientTracker(5_500);
    coolDowns(trial, 3);
    trial.accept();
    expect(trial.verdictOn('secret', 0)).toBeUndefined();
    expect(trial.coolDownUntil).toBe(Number.NEGATIVE_INFINITY);
    expect(trial.refuse('secret', error, 0)).toBe(false);
    trial.refuse('secret', error, 0);
    expect(trial.coolDownUntil).toBe(5_500);
  });

  test('tries a rotated secret at once', () => {
    const trial = new InvalidClientTracker(5_500);
    coolDowns(trial, 3);
    expect(trial.verdictOn('rotated', 0)).toBeUndefined();
  });

  test('does not try a rejected secret in its cool-down because another one was read in between', () => {
    const trial = new InvalidClientTracker(5_500);
    coolDowns(trial, 1);
    trial.verdictOn('rotated', 0);
    expect(trial.verdictOn('secret', 0)).toBe(error);
  });

  test('does not condemn a rotated secret for the failures of the one before, even when the cool-down was over', () => {
    const trial = new InvalidClientTracker(5_500);
    coolDowns(trial, 3);
    expect(trial.refuse('rotated', error, 1_000_000)).toBe(false);
    expect(trial.refuse('rotated', error, 1_005_500)).toBe(true);
    expect(trial.coolDownUntil).toBe(1_011_000);
  });

  test('condemns with the second 401 although the secret was rotated in between: the window has passed', () => {
    const trial = new InvalidClientTracker(5_500);
    trial.refuse('secret', error, 0);
    expect(trial.refuse('rotated', error, 5_500)).toBe(true);
    expect(trial.verdictOn('rotated', 5_500)).toBe(error);
  });

  test('does not keep a verdict for a client without a throttle to respect longer than it must', () => {
    expect(coolDowns(new InvalidClientTracker(90_000), 2)).toEqual([90_000, 60_000]);
  });
});
