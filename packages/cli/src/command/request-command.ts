import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { METHODS, STATUS_CODES } from 'node:http';
import { addAbortSignal } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describeRefusal } from '@instellix/core';
import { Command } from 'commander';
import { findReason } from '../error/find-reason.ts';
import { addClientFlags, type ClientFlags } from './client-flags.ts';
import { type CommandIo, printError, write } from './command-io.ts';
import { openClient } from './open-client.ts';
import { Progress } from './progress.ts';
import { UsageError } from './usage-error.ts';

/** `fetch` refuses them. @see https://fetch.spec.whatwg.org/#forbidden-method */
const unsupportedMethods = ['CONNECT', 'TRACE'];

/** `fetch` ignores them, refuses them, or with a wrong length waits forever. Users copy them from other clients. */
const ownHeaders = ['Connection', 'Content-Length', 'Expect', 'Host', 'Keep-Alive', 'Transfer-Encoding', 'Upgrade'];

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-5.1 */
const headerLine = /^([\w!#$%&'*+.^`|~-]+):\s*(.*)$/s;
/** The values of headers are bytes. */
const unsupportedCharacter = /[^\t\x20-\x7e\x80-\xff]/;

interface RequestFlags extends ClientFlags {
  readonly data?: string;
  readonly header?: readonly string[];
}

/** `request`: makes one call of the API. */
export function createRequestCommand(io: CommandIo, setStatus: (status: number) => void): Command {
  const command = new Command('request').description('Make one call: body on stdout, status on stderr');
  command.argument('<method>', 'Such as GET').argument('<path>', 'Below the base URL of the API, such as /customers');
  command.option(
    '--data <data>',
    'The body; @FILE reads a file, @- standard input; JSON unless --header says otherwise',
  );
  const collect = (header: string, before: readonly string[] = []) => [...before, header];
  command.option('--header <header>', 'A header such as "Accept: text/csv" (repeatable)', collect);
  return addClientFlags(command).action(async (name: string, path: string, flags: RequestFlags) => {
    if (path.trim() === '') throw new UsageError('the path is empty; / is the base URL of the API');
    const method = readMethod(name, flags.data !== undefined);
    const headers = readHeaders(flags);
    const progress = new Progress(io);
    await using client = openClient(io, flags, progress);
    const body = await progress.during('Reading the data.', () => readBody(flags.data, io));
    const init = { method, headers, signal: io.stopping, ...(body !== undefined && { body }) };
    const response = await progress.during('Waiting for the response of the API.', () => client.fetch(path, init));
    if (!response.ok) setStatus(1);
    printError(io, `${response.status} ${STATUS_CODES[response.status] ?? ''}`.trim());
    // It describes a refusal of our token, not of the caller's own credential.
    const refusal = headers.has('authorization') ? undefined : describeRefusal(response);
    if (refusal) printError(io, refusal.message);
    for await (const chunk of readResponse(response, progress)) await write(io.stdout, chunk);
  });
}

async function* readResponse({ body }: Response, progress: Progress): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  try {
    while (reader) {
      const { done, value } = await progress.during('Waiting for the rest of the response.', () => reader.read());
      if (done) return;
      yield value;
    }
  } catch (error) {
    const incomplete = 'What was printed is incomplete.';
    throw new Error(`The response broke off: ${findReason(error as Error)}. ${incomplete}`, { cause: error });
  } finally {
    // When it could not be printed. It rejects when the response broke off.
    await reader?.cancel().catch(() => {});
  }
}

function readMethod(name: string, hasBody: boolean): string {
  const method = name.toUpperCase();
  if (!METHODS.includes(method) || unsupportedMethods.includes(method)) {
    throw new UsageError('the method must be one of HTTP, such as GET or POST, and not CONNECT or TRACE');
  }
  if (hasBody && ['GET', 'HEAD'].includes(method)) throw new UsageError(`${method} has no body; leave out --data`);
  return method;
}

/** No message shows a header, which may hold a key. */
function readHeaders({ header: lines = [], data }: RequestFlags): Headers {
  const headers = new Headers();
  for (const line of lines) {
    const [, name, value] = headerLine.exec(line) ?? [];
    if (name === undefined || value === undefined)
      throw new UsageError('--header must be a name, a colon and a value, such as "Accept: text/csv"');
    if (unsupportedCharacter.test(value))
      throw new UsageError('the value of --header contains a control character, or one above U+00FF; encode it');
    const ownHeader = ownHeaders.find((own) => own.toLowerCase() === name.toLowerCase());
    if (ownHeader) throw new UsageError(`--header must not be ${ownHeader}: it is left to the client`);
    headers.append(name, value);
  }
  if (data !== undefined && !headers.has('content-type')) headers.set('content-type', 'application/json');
  return headers;
}

/** Reads the whole body, so that it can be sent again after a 401. */
async function readBody(
  data: string | undefined,
  { stdin, stopping }: CommandIo,
): Promise<string | Uint8Array<ArrayBuffer> | undefined> {
  if (!data?.startsWith('@')) return data;
  const file = data.slice(1);
  if (file === '-') {
    // Node reads it as if it were empty. Windows has no such file.
    if (statSync('/dev/stdin', { throwIfNoEntry: false })?.isDirectory()) {
      throw new Error('Standard input, which --data names, is a directory.');
    }
    return new Uint8Array(await buffer(addAbortSignal(stopping, stdin)));
  }
  try {
    return new Uint8Array(await readFile(file, { signal: stopping }));
  } catch (error) {
    throw new Error(`The file "${file}" of --data cannot be read (${(error as NodeJS.ErrnoException).code}).`, {
      cause: error,
    });
  }
}
