import { describe, expect, test } from 'vitest';
import { nativeSignal } from '../../src/clock/native-signal.ts';
import { ForeignSignal } from './foreign-signal.ts';

describe('nativeSignal', () => {
  test('returns a signal of this realm as it is', () => {
    const { signal } = new AbortController();
    expect(nativeSignal(signal)).toBe(signal);
  });

  test('returns a copy of a foreign signal, which aborts with it', () => {
    const foreign = new ForeignSignal();
    const native = nativeSignal(foreign.asSignal());
    expect(AbortSignal.any([native]).aborted).toBe(false);
    const reason = new Error('aborted');
    foreign.abort(reason);
    expect(native.reason).toBe(reason);
  });

  test('returns an aborted copy of a foreign signal that has aborted', () => {
    const foreign = new ForeignSignal();
    foreign.abort('reason');
    expect(nativeSignal(foreign.asSignal())).toMatchObject({ aborted: true, reason: 'reason' });
    expect(foreign.listeners).toBe(0);
  });

  test('adds one listener to a foreign signal, however often it is given', () => {
    const foreign = new ForeignSignal();
    const copies = Array.from({ length: 50 }, () => nativeSignal(foreign.asSignal()));
    expect(new Set(copies).size).toBe(1);
    expect(foreign.listeners).toBe(1);
  });

  test.each([{}, 'signal', 5])('returns what is no signal as it is, for others to refuse: %o', (value) => {
    expect(nativeSignal(value as AbortSignal)).toBe(value);
  });
});
