import type { Readable, Writable } from 'node:stream';
import { toLine } from '../error/to-line.ts';

/** An output of a command, which may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean };

/** What a command uses of its process. */
export interface CommandIo {
  /** Environment variables; those of a `.env` file are added. */
  readonly env: Record<string, string | undefined>;
  readonly stdin: Readable;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP, whose name is the reason. */
  readonly stopping: AbortSignal;
}

/** Writes to an output. Resolves when it was accepted, and rejects when the reader has gone or the disk is full. */
export function write(output: Output, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}

/** Prints one line to standard output. */
export function print({ stdout }: CommandIo, line: string): Promise<void> {
  return write(stdout, `${line}\n`);
}

/** Prints one line to standard error. Nothing depends on whether it can be written. */
export function printError({ stderr }: CommandIo, line: string): void {
  stderr.write(`${toLine(line)}\n`);
}
