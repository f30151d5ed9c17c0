import { openSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '@instellix/testing/seeded-random';
import { benchmarks } from './benchmarks.ts';
import { describeSetup, type Setup } from './describe-setup.ts';
import type { BenchmarkReport } from './harness/benchmark.ts';
import { formatTable } from './harness/table.ts';
import { type Arguments, readArguments, UsageError } from './read-arguments.ts';
import { requireBuiltEntry, requireFreshBuild, StaleBuildError } from './require-fresh-build.ts';

const names = Object.keys(benchmarks);
const measuredPackages = [
  'core',
  'emulator',
  'axios-interceptor',
  'express-middleware',
  'file-store',
  'redis-store',
  'undici-interceptor',
];

const usage = `Usage: pnpm run bench [--only NAME]... [--rounds N] [--seed N] [--json FILE]

  --only NAME   one of ${names.join(', ')}; may be repeated; default: all
  --rounds N    how often everything is measured (expiry: how many tokens end); default: each benchmark's own
  --seed N      decides the order within each round; default: 1
  --json FILE   also write all ratios and counts to this file

Exit status: 0 when every promise was kept, 1 when one was not, 2 when the command line is wrong.`;

try {
  await main(readArguments(process.argv.slice(2), names));
} catch (error) {
  if (!(error instanceof UsageError || error instanceof StaleBuildError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function main(options: Arguments): Promise<void> {
  if (options.help) return console.log(usage);
  const json = options.json === undefined ? undefined : openForWriting(options.json);
  await requireBuilds();
  const setup = describeSetup(options.seed);
  printSetup(setup);
  const reports: Record<string, BenchmarkReport> = {};
  for (const name of names.filter((name) => options.only.length === 0 || options.only.includes(name))) {
    reports[name] = await runBenchmark(name, options);
  }
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ setup, reports }, null, 2)}\n`);
  const isEveryPromiseKept = Object.values(reports).every(({ promises }) => promises.every(({ kept }) => kept));
  process.exitCode = isEveryPromiseKept ? 0 : 1;
}

async function requireBuilds(): Promise<void> {
  for (const name of measuredPackages) {
    requireBuiltEntry(`@instellix/${name}`);
    await requireFreshBuild(fileURLToPath(new URL(`../../packages/${name}`, import.meta.url)));
  }
}

/** Called before the measurements, which take minutes. */
function openForWriting(file: string): number {
  try {
    // Package scripts run in the folder of the package. A relative name refers to the folder of the command.
    return openSync(resolve(process.env['INIT_CWD'] ?? '', file), 'w');
  } catch (error) {
    throw new UsageError(`--json cannot write to ${file}: ${(error as Error).message}`);
  }
}

function printSetup({ node, v8, platform, cpus, seed, packages }: Setup): void {
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  console.log(`Node ${node} (V8 ${v8}), ${platform}, ${cpus} CPUs, seed ${seed}`);
  console.log(versions.join(', '));
}

async function runBenchmark(name: string, { rounds, seed }: Arguments): Promise<BenchmarkReport> {
  const benchmark = await benchmarks[name]?.();
  if (benchmark === undefined) throw new UsageError(`There is no benchmark ${name}.`);
  console.log(`\n## ${benchmark.title}\n`);
  const onProgress = (line: string) => console.error(`   ${name}: ${line} ...`);
  const report = await benchmark.run({ rounds, random: seededRandom(seed), onProgress });
  console.log(`${formatTable(report.columns, report.rows)}\n`);
  for (const note of report.notes) console.log(note);
  for (const { promise, found, kept } of report.promises) {
    console.log(`${kept ? 'kept  ' : 'BROKEN'}  ${promise}: ${found}`);
  }
  return report;
}
