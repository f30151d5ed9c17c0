import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Clock } from '@instellix/core/store';

/** The clocks that all processes of a machine share. */
export interface MachineClock extends Pick<Clock, 'now' | 'monotonic'> {
  /** 16 hexadecimal digits that identify the machine and, on Linux, its latest start. */
  readonly boot: string;
}

/** On every platform, `process.hrtime` has the same starting point in all processes of a machine. */
export const machineClock: MachineClock = {
  now: () => Date.now(),
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
  boot: createHash('sha256').update(readBootId()).digest('hex').slice(0, 16),
};

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  } catch {
    // Not Linux. The host name separates machines that see the same network directory.
    return hostname();
  }
}
