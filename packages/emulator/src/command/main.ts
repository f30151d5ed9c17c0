import process from 'node:process';

// Installed before anything else is loaded, so that a signal always ends the command with status 0.
const stopping = new AbortController();
const listeners = new Set<(signal: NodeJS.Signals) => void>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stopping.abort(signal);
    for (const listener of listeners) listener(signal);
  });
}

// Node before 24.14 warns that node:sqlite is experimental. All other warnings are printed.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (!/sqlite/i.test(warning.message)) process.stderr.write(`${warning.name}: ${warning.message}\n`);
});

// When a pipe is closed (`| head`), the emulator keeps running.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

try {
  const { runCommand } = await import('./run-command.ts');
  process.exitCode = await runCommand(process.argv.slice(2), {
    env: process.env,
    print: (line) => process.stdout.write(`${line}\n`),
    printError: (line) => process.stderr.write(`${line}\n`),
    stopping: stopping.signal,
    onSignal(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
} catch (error) {
  process.stderr.write(`instellix-emulator: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
