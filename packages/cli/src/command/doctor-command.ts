import { Command, InvalidArgumentError } from 'commander';
import type { DoctorContext } from '../doctor/doctor-step.ts';
import { formatStep, formatSummary, toJson } from '../doctor/format-report.ts';
import { runDoctor, type StepReport } from '../doctor/run-doctor.ts';
import { loadEnvFile } from '../environment/env-file.ts';
import { addClientFlags, type ClientFlags } from './client-flags.ts';
import { type CommandIo, print } from './command-io.ts';
import { Progress } from './progress.ts';

interface DoctorFlags extends ClientFlags {
  readonly path?: string;
  readonly json?: boolean;
  readonly expiryMargin?: number;
}

/** `doctor`: finds out why instellix cannot be called. */
export function createDoctorCommand(io: CommandIo, setStatus: (status: number) => void): Command {
  const command = new Command('doctor').description('Find out why instellix cannot be called, step by step');
  command.option('--path <path>', 'A resource to GET, such as /customers', readPath);
  command.option('--json', 'Print one JSON object at the end, as doctor.schema.json describes');
  command.option('--expiry-margin <ms>', 'The refresh.expiryMarginMs of your application', readMilliseconds);
  return addClientFlags(command).action(async (flags: DoctorFlags) => {
    const progress = new Progress(io);
    const context = createContext(io, flags, progress);
    const isColored = hasColors(io);
    const reports: StepReport[] = [];
    await progress.during('Checking.', async () => {
      for await (const report of runDoctor(context)) {
        reports.push(report);
        // Before it is printed: the reader may have gone.
        if (report.status !== 'passed') setStatus(1);
        if (!flags.json) for (const line of formatStep(report, isColored)) await print(io, line);
      }
    });
    await print(io, flags.json ? toJson(reports) : formatSummary(reports));
  });
}

function createContext(io: CommandIo, flags: DoctorFlags, progress: Progress): DoctorContext {
  const { envFile: file, bodyFormat, basicEncoding, storeDirectory, expiryMargin: expiryMarginMs, path } = flags;
  const envFile = loadEnvFile(io.env, file);
  const tokenRequest = { bodyFormat, basicEncoding };
  const { env, stopping: signal } = io;
  return { env, envFile, tokenRequest, storeDirectory, expiryMarginMs, path, signal, progress };
}

/** @see https://no-color.org */
function hasColors({ env, stdout }: CommandIo): boolean {
  return stdout.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

function readPath(path: string): string {
  if (!path.startsWith('/')) throw new InvalidArgumentError('It must start with a slash.');
  return path;
}

function readMilliseconds(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of milliseconds.');
  return Number(text);
}
