import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** The time that all processes of a machine share. */
export interface MachineClock {
  /** Milliseconds since the machine was started; nobody steps it. */
  monotonic(): number;
  /** Epoch milliseconds; only starts the fences and tells the age of what earlier starts have left behind. */
  now(): number;
  /** Names this start of the machine, as far as the platform tells. */
  readonly boot: string;
}

/** The machine's own clock. Node's `hrtime` counts from the start of the machine, for every process and container alike. */
export const machineClock: MachineClock = {
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
  now: () => Date.now(),
  boot: nameBoot(),
};

function nameBoot(): string {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
    return createHash('sha256').update(id).digest('hex').slice(0, 16);
  } catch {
    // Not Linux: records that were saved "in the future" tell that the machine was started again.
    return 'any';
  }
}
