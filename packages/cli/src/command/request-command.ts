import { readFile } from 'node:fs/promises';
import { METHODS, STATUS_CODES, validateHeaderName, validateHeaderValue } from 'node:http';
import { addAbortSignal } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describeRefusal } from '@instellix/core';
import { Command } from 'commander';
import { findErrorCode } from '../error/find-error-code.ts';
import { addClientFlags, type ClientFlags } from './client-flags.ts';
import { type CommandIo, printError, write } from './command-io.ts';
import { openClient } from './open-client.ts';
import { Progress } from './progress.ts';
import { UsageError } from './usage-error.ts';

/** `fetch` refuses them. @see https://fetch.spec.whatwg.org/#forbidden-method */
const unsupportedMethods = ['CONNECT', 'TRACE'];

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
    const method = readMethod(name, flags.data !== undefined);
    const headers = readHeaders(flags);
    const progress = new Progress(io);
    await using client = openClient(io, flags, progress);
    const body = await readBody(flags.data, io);
    const init = { method, headers, signal: io.stopping, ...(body !== undefined && { body }) };
    const response = await progress.during('Waiting for the response of the API.', () => client.fetch(path, init));
    const refusal = describeRefusal(response);
    printError(io, `${response.status} ${STATUS_CODES[response.status] ?? ''}`.trim());
    if (refusal) printError(io, refusal.message);
    if (!response.ok) setStatus(1);
    for await (const chunk of readResponse(response)) await write(io.stdout, chunk);
  });
}

async function* readResponse({ body }: Response): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? [];
  } catch (error) {
    const reason = findErrorCode(error) || (error as Error).message;
    throw new Error(`The response broke off (${reason}): what was printed is incomplete.`, { cause: error });
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
  const headers = new Headers(data === undefined ? {} : { 'content-type': 'application/json' });
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^:]*):\s*(.*)$/s.exec(line) ?? [];
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
      headers.set(name, value);
    } catch {
      throw new UsageError('--header must be a name, a colon and a value, such as "Accept: text/csv"');
    }
  }
  return headers;
}

/** Reads the whole body, so that it can be sent again after a 401. */
async function readBody(
  data: string | undefined,
  { stdin, stopping }: CommandIo,
): Promise<string | Uint8Array<ArrayBuffer> | undefined> {
  if (!data?.startsWith('@')) return data;
  const file = data.slice(1);
  if (file === '-') return new Uint8Array(await buffer(addAbortSignal(stopping, stdin)));
  try {
    return new Uint8Array(await readFile(file, { signal: stopping }));
  } catch (error) {
    throw new Error(`The file "${file}" of --data cannot be read (${(error as NodeJS.ErrnoException).code}).`, {
      cause: error,
    });
  }
}
