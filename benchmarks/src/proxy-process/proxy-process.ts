import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startableSubjects } from '../subjects/proxies.ts';

/** What the proxy's process has used since its start. */
export interface ProcessUse {
  readonly processorMs: number;
  /** The most memory that was resident at a time. */
  readonly peakBytes: number;
}

// One proxy in a process of its own: compiled for nobody else, and its memory is its own.
const [name, target = '{}'] = process.argv.slice(2);
const subject = startableSubjects.find((candidate) => candidate.name === name);
if (!subject) throw new Error(`There is no proxy ${name}.`);
const made = await subject.start(JSON.parse(target));
const server = made instanceof Server ? made : createServer(made);

let peak = 0;
const sampling = setInterval(() => {
  peak = Math.max(peak, process.memoryUsage.rss());
}, 20);
sampling.unref();
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  const use: ProcessUse = {
    processorMs: (user + system) / 1_000,
    peakBytes: Math.max(peak, process.memoryUsage.rss()),
  };
  process.send?.(use);
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
