/** What a command has to do with the world around it. */
export interface CommandIo {
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Prints one line; a reader that has gone does not matter. */
  print(line: string): void;
  /** Prints one line for people, where it is in nobody's way. */
  complain(line: string): void;
  /** Aborted by the first SIGINT or SIGTERM, whose name is the reason. */
  readonly stopping: AbortSignal;
  /** Hears of every signal, the first one included, until the returned function is called. */
  onSignal(listener: (signal: NodeJS.Signals) => void): () => void;
}
