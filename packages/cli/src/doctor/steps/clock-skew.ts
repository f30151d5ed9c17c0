import { createStep, failed, passed } from '../doctor-step.ts';

/** `Date` has whole seconds, and networks delay it. A smaller difference disturbs neither certificates nor logs. */
const maxSkewMs = 60_000;

/** Whether the clock of this machine agrees with those of the servers. */
export const clockSkew = createStep({
  id: 'clock',
  title: 'clock',
  needs: ['responses'],
  run(_, { responses }) {
    const compared = responses.flatMap(({ host, date, at }) =>
      date === undefined ? [] : [{ host, skewMs: at - date }],
    );
    const [first] = compared;
    if (!first) return passed('Not compared: no response had a Date header.');
    const worst = compared.reduce((one, other) => (Math.abs(other.skewMs) > Math.abs(one.skewMs) ? other : one), first);
    if (Math.abs(worst.skewMs) <= maxSkewMs) return passed('At most a minute apart from that of the server.');
    const direction = worst.skewMs > 0 ? 'ahead of' : 'behind';
    return failed(
      `The clock of this machine is ${toDuration(Math.abs(worst.skewMs))} ${direction} that of ${worst.host}.`,
      'Have this machine set its clock by NTP (timedatectl set-ntp true). Tokens are not affected; certificates and the times in logs are.',
    );
  },
});

function toDuration(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
