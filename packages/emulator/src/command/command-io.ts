/** The parts of the process that a command uses. */
export interface CommandIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Prints one line to standard output. */
  print(line: string): void;
  /** Prints one line to standard error. */
  printError(line: string): void;
  /** Aborted by the first SIGINT or SIGTERM, whose name is the reason. */
  readonly stopping: AbortSignal;
  /** Calls the listener for every signal until the returned function is called. */
  onSignal(listener: (signal: NodeJS.Signals) => void): () => void;
}
