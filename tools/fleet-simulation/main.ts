/** Simulates a day of fleets of 1 to 10,000 clients, with and without a shared store. Prints the table and draws the plot. */
import { writeFileSync } from 'node:fs';
import { type FleetReport, simulateFleet } from './fleet-day.ts';
import { plotRequests } from './plot.ts';

const sizes = [1, 10, 100, 1_000, 10_000];

function simulate(isShared: boolean): FleetReport[] {
  return sizes.map((clients) => {
    const report = simulateFleet({ clients, isShared, hours: 24 });
    console.log(
      `| ${[clients.toLocaleString('en'), isShared ? 'shared' : 'each alone', ...cells(report)].join(' | ')} |`,
    );
    return report;
  });
}

function cells({
  tokenRequests,
  throttled,
  longestWaitMs,
  withoutToken,
  storeOperationsPerSecond,
}: FleetReport): string[] {
  return [
    tokenRequests.toLocaleString('en'),
    throttled.toLocaleString('en'),
    longestWaitMs < 1_000
      ? `${Math.round(longestWaitMs)} ms`
      : `${Math.round(longestWaitMs / 1_000).toLocaleString('en')} s`,
    withoutToken < 1e-5 ? '0 %' : `${(withoutToken * 100).toPrecision(2)} %`,
    storeOperationsPerSecond === 0 ? '-' : storeOperationsPerSecond.toPrecision(2),
  ];
}

console.log(
  '| clients | store | token requests | throttled | longest time without a token | time without a token | store operations per second |',
);
console.log('|---:|---|---:|---:|---:|---:|---:|');
const shared = simulate(true);
const alone = simulate(false);
const requests = (reports: readonly FleetReport[]) => reports.map(({ tokenRequests }) => tokenRequests);
const plot = plotRequests(sizes, [
  { label: 'each alone', color: '#c0392b', values: requests(alone) },
  { label: 'shared store', color: '#1f7a4d', values: requests(shared) },
]);
writeFileSync(new URL('../../docs/scaling.svg', import.meta.url), plot);
