/** The parts of the process that a command uses. */
export interface CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  print(line: string): void;
  printError(line: string): void;
  /** Aborted by the first SIGINT or SIGTERM, whose name is the reason. */
  readonly stopping: AbortSignal;
  /** Calls the listener for every signal until the returned function is called. */
  onSignal(listener: (signal: NodeJS.Signals) => void): () => void;
}
