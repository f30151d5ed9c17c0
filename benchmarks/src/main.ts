import { openSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeSetup, type Setup } from './describe-setup.ts';
import { expiry } from './expiry.ts';
import type { Benchmark, BenchmarkReport } from './harness/benchmark.ts';
import { seededRandom } from './harness/seeded-random.ts';
import { formatTable } from './harness/table.ts';
import { type Arguments, readArguments, UsageError } from './read-arguments.ts';
import { requireBuiltEntry, requireFreshBuild, StaleBuildError } from './require-fresh-build.ts';
import { stampede } from './stampede.ts';
import { contestants } from './subjects/contestants.ts';
import { warmRead } from './warm-read.ts';

const benchmarks: readonly Benchmark[] = [warmRead, stampede, expiry];
const measuredPackages = ['core', 'emulator'];

const usage = `Usage: pnpm run bench [--only NAME]... [--rounds N] [--seed N] [--json FILE]

  --only NAME   one of ${benchmarks.map(({ name }) => name).join(', ')}; may be repeated; default: all
  --rounds N    how often everything is measured (expiry: how many tokens end); default: each benchmark's own
  --seed N      decides the order within each round; default: 1
  --json FILE   also write all ratios and counts to this file

Exit status: 0 when every promise was kept, 1 when one was not, 2 when the command line is wrong.`;

try {
  await main(
    readArguments(
      process.argv.slice(2),
      benchmarks.map(({ name }) => name),
    ),
  );
} catch (error) {
  if (!(error instanceof UsageError || error instanceof StaleBuildError)) throw error;
  console.error(error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function main(options: Arguments): Promise<void> {
  if (options.help) return console.log(usage);
  const json = options.json === undefined ? undefined : openForWriting(options.json);
  await requireBuilds();
  const setup = describeSetup([...new Set(contestants.flatMap(({ packages }) => packages))], options.seed);
  printSetup(setup);
  const reports: Record<string, BenchmarkReport> = {};
  for (const benchmark of benchmarks.filter(({ name }) => options.only.length === 0 || options.only.includes(name))) {
    reports[benchmark.name] = await runBenchmark(benchmark, options);
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

/** Before minutes of measuring, not after them. */
function openForWriting(file: string): number {
  try {
    return openSync(file, 'w');
  } catch (error) {
    throw new UsageError(`--json cannot write to ${file}: ${(error as Error).message}`);
  }
}

function printSetup({ node, v8, platform, cpus, seed, packages }: Setup): void {
  console.log(`Node ${node} (V8 ${v8}), ${platform}, ${cpus} CPUs, seed ${seed}`);
  console.log(
    Object.entries(packages)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  );
}

async function runBenchmark(benchmark: Benchmark, { rounds, seed }: Arguments): Promise<BenchmarkReport> {
  console.log(`\n## ${benchmark.title}\n`);
  const tell = (line: string) => console.error(`   ${benchmark.name}: ${line} ...`);
  const report = await benchmark.run({ rounds, random: seededRandom(seed), tell });
  console.log(`${formatTable(report.columns, report.rows)}\n`);
  for (const note of report.notes) console.log(note);
  for (const { promise, found, kept } of report.promises)
    console.log(`${kept ? 'kept  ' : 'BROKEN'}  ${promise}: ${found}`);
  return report;
}
