import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@instellix/testing/servers';

/** An alert that is pending or fires, as Prometheus reports it. */
export interface Alert {
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Starts the installed Prometheus on 127.0.0.1. It scrapes `target` twice a second, and evaluates the rules as often. */
export async function startPrometheus(target: string, rules: string) {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const port = await findFreePort();
  const config = {
    global: { scrape_interval: '500ms', scrape_timeout: '400ms', evaluation_interval: '500ms' },
    rule_files: ['rules.yml'],
    scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: [target] }] }],
  };
  await writeFile(join(folder, 'rules.yml'), rules);
  // YAML includes JSON.
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const options = [
    '--config.file=prometheus.yml',
    '--storage.tsdb.path=data',
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn('prometheus', options, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(child, 'exit');
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });

  const read = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    const { data, error } = (await response.json()) as { data: never; error?: string };
    if (error) throw new Error(`${path}: ${error}`);
    return data;
  };
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error(`Prometheus has ended: ${log}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    readAlerts: async (): Promise<Alert[]> => ((await read('/api/v1/alerts')) as { alerts: Alert[] }).alerts,
    /** The current values of an expression. */
    async query(expression: string): Promise<number[]> {
      const { result } = (await read(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as {
        result: { value: [time: number, value: string] }[];
      };
      return result.map(({ value }) => Number(value[1]));
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}
