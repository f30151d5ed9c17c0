import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { findProgram } from '../../../../tools/skipped-tests/requirements.ts';
import { provokeFailures } from './provoke-failures.ts';
import { startExporter } from './start-exporter.ts';
import { startPrometheus } from './start-prometheus.ts';

const run = promisify(execFile);
const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const rulesPath = pathOf('../../prometheus/instellix-alerts.yml');
const rules = readFileSync(rulesPath, 'utf8');
const dashboard = JSON.parse(readFileSync(pathOf('../../grafana/instellix-dashboard.json'), 'utf8'));

/** The expressions of the dashboard, with its variables as Grafana replaces them. */
const expressions: string[] = dashboard.panels
  .flatMap(({ targets }: { targets: { expr: string }[] }) => targets)
  .map(({ expr }: { expr: string }) =>
    expr
      .replaceAll(/\$(environment|realm)/g, '.*')
      .replaceAll('$__rate_interval', '20s')
      .replaceAll('$__range', '1m'),
  );

// Debian installs promtool with it.
describe.skipIf(!findProgram('prometheus'))('in Prometheus', () => {
  test('the rules are valid, and pass their unit tests with virtual time', async () => {
    await run('promtool', ['check', 'rules', rulesPath]);
    await run('promtool', ['test', 'rules', pathOf('instellix-alerts.promtool.yml')]);
  });

  test('each alert fires on its cause and on nothing else, and the dashboard finds its series', async () => {
    await using exporter = await startExporter();
    await using _ = await provokeFailures(exporter.meterProvider);
    await using prometheus = await startPrometheus(exporter.target, rules.replaceAll(/for: \d+m/g, 'for: 1s'));
    const readFiring = async () => {
      const firing = (await prometheus.readAlerts()).filter(({ state }) => state === 'firing');
      return firing.map(({ labels }) => `${labels['alertname']}: ${labels['realm']}`).sort();
    };
    await vi.waitFor(
      async () =>
        expect(await readFiring()).toEqual([
          'InstellixCredentialsRejected: wrong-secret',
          'InstellixNoToken: wrong-secret',
          'InstellixRefreshFails: endpoint-down',
          'InstellixStoreFails: store-down',
          'InstellixThrottled: throttled',
          'InstellixTokenRequestsSlow: slow',
          'InstellixTokensRejected: api-rejects',
        ]),
      { timeout: 28_000, interval: 500 },
    );
    for (const { annotations } of await prometheus.readAlerts()) {
      expect(JSON.stringify(annotations)).not.toMatch(/no value|planted/);
    }
    for (const expression of expressions) {
      const values = await prometheus.query(expression);
      expect(values.length, expression).toBeGreaterThan(0);
      expect(values.every(Number.isFinite), expression).toBe(true);
    }
  }, 60_000);
});
