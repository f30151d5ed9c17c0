import { rejectOnAbort } from '../clock/reject-on-abort.ts';
import { object, readArguments } from '../configuration/object-validator.ts';
import { hasOption, readOption } from '../configuration/read-option.ts';
import { func, string } from '../configuration/validator.ts';
import { discardBody } from '../endpoint/read-limited.ts';

/** Our own options of a call, beside those of the platform. */
export interface InstellixCallOptions {
  /** The access right that the operation needs, for {@link describeRefusal} when the API does not name it. */
  readonly requiredScope?: string | undefined;
  /** Creates the body, anew for each time that it is sent, so that a stream can be resent. Replaces `body`. */
  readonly body?: (() => RequestInit['body'] | Promise<RequestInit['body']>) | undefined;
}

/** The platform's options of a request, and ours. */
export interface InstellixRequestInit extends RequestInit {
  readonly instellix?: InstellixCallOptions | undefined;
}

/** The arguments of one `client.fetch`, read and checked. */
export interface FetchArguments {
  readonly url: string;
  readonly method: string;
  /** Undefined when there are none. */
  readonly headers: Headers | undefined;
  readonly body: RequestInit['body'] | undefined;
  readonly redirect: RequestRedirect;
  readonly signal: AbortSignal | undefined;
  /** The options that are passed on to `fetch` as they are. */
  readonly rest: RequestInit;
  readonly options: InstellixCallOptions;
}

const optionsValidator = /* @__PURE__ */ object<InstellixCallOptions>({
  requiredScope: string(),
  body: func(),
});

/** The fields of a `Request` that are passed on to `fetch` as they are. */
const passedOn = [
  'cache',
  'credentials',
  'dispatcher',
  'duplex',
  'integrity',
  'keepalive',
  'mode',
  'priority',
  'referrer',
  'referrerPolicy',
];
/** The fields of an init of any class. */
const initFields = ['body', 'headers', 'instellix', 'method', 'redirect', 'signal', ...passedOn];
const maxResentBytes = 65_536;

/**
 * Reads the arguments of `client.fetch`. A `Request` is read by its fields, so that one of another copy of undici works. Up to 64 KiB of
 * its body are read first and can be sent again; a longer body is streamed.
 *
 * @throws TypeError as the platform's fetch does, and for wrong options of ours
 * @throws `signal.reason` when the signal aborts while the body is read
 */
export async function readFetchArguments(input: unknown, init: InstellixRequestInit): Promise<FetchArguments> {
  if (!isRequest(input)) return readInit(input, init);
  const { url, method, headers, redirect, signal } = input;
  const own = { method, headers, redirect, signal, ...pickFields(input, passedOn) };
  const given = Object.entries(toLiteral(init)).filter(([, value]) => value !== undefined);
  const call = readInit(url, { ...own, ...Object.fromEntries(given) });
  // As on the platform: a body in `init` replaces the one of the Request, which then is not read.
  if (call.options.body || call.body != null) return call;
  return { ...call, body: await readBody(input, call.signal) };
}

/** Reads the arguments of a call with a string or a URL. */
export function readInit(input: unknown, init: InstellixRequestInit): FetchArguments {
  if (typeof input !== 'string' && typeof (input as URL | undefined)?.href !== 'string') {
    throw new TypeError('client.fetch: the first argument must be a string, a URL or a Request.');
  }
  const url = typeof input === 'string' ? input : (input as URL).href;
  const literal = toLiteral(init);
  const { method = 'GET', headers, body, redirect = 'follow', signal } = literal;
  const options = readCallOptions(readOption(literal, 'instellix'));
  if (options.body && body != null) throw new TypeError('client.fetch: give either body or instellix.body, not both.');
  const { instellix: _, ...rest } = literal;
  return {
    url,
    method: method.toUpperCase(),
    headers: headers === undefined ? undefined : new Headers(headers),
    body,
    redirect,
    // As on the platform: null removes the signal of a Request.
    signal: signal ?? undefined,
    rest,
    options,
  };
}

function readCallOptions(given: unknown): InstellixCallOptions {
  if (given === undefined) return {};
  const { requiredScope, body } = readArguments(optionsValidator, given, 'client.fetch: init.instellix');
  // A method of a class may need its `this`.
  return { requiredScope, body: body?.bind(given) };
}

function isRequest(input: unknown): input is Request {
  if (typeof input !== 'object' || input === null) return false;
  const { url, method, headers } = input as Partial<Request>;
  // The requests of Node and Express have these fields, too, but a plain object of headers.
  return typeof url === 'string' && typeof method === 'string' && typeof headers?.get === 'function';
}

/** Reads an init of any class as a literal, each field once. */
function toLiteral(init: InstellixRequestInit): InstellixRequestInit {
  if (typeof init !== 'object' || init === null) throw new TypeError('client.fetch: init must be an object.');
  if (Object.getPrototypeOf(init) === Object.prototype) return init;
  return {
    ...pickFields(
      init,
      initFields.filter((name) => !Object.hasOwn(init, name)),
    ),
    ...init,
  };
}

function pickFields(source: object, names: readonly string[]): RequestInit {
  const present = names.filter((name) => hasOption(source, name)).map((name) => [name, readOption(source, name)]);
  return Object.fromEntries(present.filter(([, value]) => value !== undefined));
}

/** Reads the body of a Request that is sent once or, up to 64 KiB, any number of times. */
async function readBody(
  { body, bodyUsed }: Request,
  signal: AbortSignal | undefined,
): Promise<RequestInit['body'] | undefined> {
  // A body that has been read would be sent as an empty one.
  if (bodyUsed) throw new TypeError('client.fetch: the body of the Request has been read already.');
  if (!body) return undefined;
  signal?.throwIfAborted();
  const reader = body.getReader();
  try {
    return await rejectOnAbort(readStart(reader), signal);
  } catch (error) {
    discardBody(reader);
    throw error;
  }
}

/** Reads up to 64 KiB; what follows stays a stream. */
async function readStart(reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>): Promise<RequestInit['body']> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  while (length <= maxResentBytes) {
    const { done, value } = await reader.read();
    if (done) return new Blob(chunks).arrayBuffer();
    chunks.push(value);
    length += value.byteLength;
  }
  return new ReadableStream({
    async pull(controller) {
      const chunk = chunks.shift();
      if (chunk) return controller.enqueue(chunk);
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
