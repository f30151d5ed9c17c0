import { constants } from 'node:os';
import process from 'node:process';
import { runCommand } from './run-command.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Enough for a command to release the lease that it holds in the token store. */
const graceMs = 500;

const stopping = new AbortController();

function stop(signal: NodeJS.Signals): void {
  // Without a listener, a second signal of any kind ends the process at once.
  for (const each of signals) process.off(each, stop);
  stopping.abort(signal);
  // Some waits cannot be aborted: for a reader of the output, for the writer of a FIFO, for name resolution. Only a signal ends them all:
  // `process.exit` waits for the threads that read files.
  setTimeout(() => {
    process.kill(process.pid, signal);
    // As the first process of a container, which no signal ends by itself.
    process.exit(128 + constants.signals[signal]);
  }, graceMs).unref();
}
for (const signal of signals) process.on(signal, stop);

// Each write reports its own error; without a listener, the same error would also end the process with a stack.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const { env, stdin, stdout, stderr } = process;
process.exitCode = await runCommand(process.argv.slice(2), { env, stdin, stdout, stderr, stopping: stopping.signal });
