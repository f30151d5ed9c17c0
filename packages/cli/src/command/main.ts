import process from 'node:process';
import { runCommand } from './run-command.ts';

// A second signal ends the process at once, as it does without a listener.
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopping.abort(signal));

// Each write reports its own error; without a listener, the same error would also end the process with a stack.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const { env, stdin, stdout, stderr } = process;
process.exitCode = await runCommand(process.argv.slice(2), { env, stdin, stdout, stderr, stopping: stopping.signal });
