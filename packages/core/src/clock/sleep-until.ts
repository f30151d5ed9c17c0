import type { Clock } from './clock.ts';
import { addMs, msUntil, readTimestamp, type Timestamp } from './timestamp.ts';

/** The timers of a suspended machine stand still with it, so a long sleep is cut into parts of this length, in milliseconds. */
const maxSleepMs = 1_000;
/** Timers may fire a fraction of a millisecond early. */
const minSleepMs = 1;

/** Resolves as soon as one of the two clocks has reached `moment`, at most a second late after a suspend. */
export async function sleepUntil(clock: Clock, moment: Timestamp, signal?: AbortSignal): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const leftMs = msUntil(moment, readTimestamp(clock));
    if (leftMs <= 0) return;
    await clock.sleep(Math.min(Math.max(leftMs, minSleepMs), maxSleepMs), signal);
  }
}

/** Returns the clock with a `sleep` that counts on both clocks, as {@link sleepUntil} does. */
export function suspendAware(clock: Clock): Pick<Clock, 'sleep'> {
  return { sleep: (ms, signal) => sleepUntil(clock, addMs(readTimestamp(clock), ms), signal) };
}
