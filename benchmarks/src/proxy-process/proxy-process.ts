import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startableSubjects } from '../subjects/proxies.ts';

/** The resources that the process of the proxy has used since its start. */
export interface ProcessUse {
  readonly processorMs: number;
  /** The peak resident memory. */
  readonly peakBytes: number;
}

// One proxy in its own process, for separate compilation and memory.
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
