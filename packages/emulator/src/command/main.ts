import process from 'node:process';

// Signals are heard before anything else is loaded: they end the command properly in every state.
const stopping = new AbortController();
const listeners = new Set<(signal: NodeJS.Signals) => void>();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stopping.abort(signal);
    for (const listener of listeners) listener(signal);
  });
}

// Node before 24.14 says that node:sqlite is experimental; everything else that it has to say is let through.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (!/sqlite/i.test(warning.message)) process.stderr.write(`${warning.name}: ${warning.message}\n`);
});

// When the reader of the output goes away, the emulator runs on.
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
