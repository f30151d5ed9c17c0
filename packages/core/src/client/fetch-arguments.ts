import { nativeSignal } from '../clock/native-signal.ts';
import { rejectOnAbort } from '../clock/reject-on-abort.ts';
import { object, readArguments } from '../configuration/object-validator.ts';
import { readOption } from '../configuration/read-option.ts';
import { func, string } from '../configuration/validator.ts';
import { cancelReader, openReader } from '../endpoint/read-limited.ts';

/** The options of a call in addition to those of the platform. */
export interface InstellixCallOptions {
  /** The access right that the operation needs, for {@link describeRefusal} when the API does not name it. */
  readonly requiredScope?: string | undefined;
  /** Creates the body each time that it is sent, so that a stream can be resent. Replaces `body`. */
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
  /** The `Request` whose body is still to be read, with {@link readRequestBody}. */
  readonly bodySource: Request | undefined;
  readonly redirect: NonNullable<RequestInit['redirect']>;
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
const requestFields = ['headers', 'method', 'redirect', 'signal', ...passedOn];
/** The fields of an init of any class. */
const initFields = ['body', 'instellix', ...requestFields];
/** The fields and options of a call that has neither a `Request` nor an init. Objects without a prototype cannot be polluted. */
const noFields = separateRest(Object.create(null));
const noOptions: InstellixCallOptions = Object.create(null);
/** How much of a body is kept for a resend by default, in bytes. */
export const defaultResendBodyBytes = 65_536;

/**
 * Reads the arguments of `client.fetch`. A `Request` is read by its fields, so that one of another copy of undici works.
 *
 * @throws TypeError as the platform's fetch does, and for wrong options of ours
 */
export function readFetchArguments(input: unknown, init?: InstellixRequestInit | null): FetchArguments {
  const request = isRequest(input) ? input : undefined;
  const given = init == null ? undefined : readInit(init);
  const fields = request ? Object.assign(pickFields(request, requestFields), given) : given;
  const { method, headers, body, redirect, signal, instellix, rest } = fields ? separateRest(fields) : noFields;
  const options = readCallOptions(instellix);
  if (options.body && body != null) throw new TypeError('client.fetch: give either body or instellix.body, not both.');
  return {
    url: request?.url ?? readUrl(input),
    method: (method ?? 'GET').toUpperCase(),
    headers: headers === undefined ? undefined : readHeaders(headers),
    body,
    // As on the platform: a body in `init` replaces the one of the Request, which then is not read.
    bodySource: options.body || body != null ? undefined : request,
    redirect: redirect ?? 'follow',
    // As on the platform: null removes the signal of a Request.
    signal: signal ? nativeSignal(signal) : undefined,
    rest,
    options,
  };
}

function readHeaders(given: NonNullable<RequestInit['headers']>): Headers {
  const headers = new Headers(given);
  // As on the platform, the URL alone decides about it. A `fetch` that sends it would send the token to another site.
  headers.delete('host');
  return headers;
}

function readUrl(input: unknown): string {
  if (typeof input === 'string') return input;
  const { href } = Object(input) as Partial<URL>;
  if (typeof href === 'string') return href;
  throw new TypeError('client.fetch: the first argument must be a string, a URL or a Request.');
}

/** Separates the fields that are passed on to `fetch` as they are. */
function separateRest({ method, headers, body, redirect, signal, instellix, ...rest }: InstellixRequestInit) {
  return { method, headers, body, redirect, signal, instellix, rest };
}

/** Reads an init of any class: all fields of its own, and the known ones of its classes. The result has no prototype. */
function readInit(init: InstellixRequestInit): InstellixRequestInit {
  if (typeof init !== 'object') throw new TypeError('client.fetch: init must be an object.');
  const fields = Object.assign(pickFields(init, initFields), init);
  for (const [name, value] of Object.entries(fields)) if (value === undefined) Reflect.deleteProperty(fields, name);
  return fields;
}

/** Reads the named fields that are present. The result has no prototype: nothing of a polluted `Object.prototype` is taken for a field. */
function pickFields(source: object, names: readonly string[]): InstellixRequestInit {
  const fields = Object.create(null);
  for (const name of names) {
    const value = readOption(source, name);
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}

function readCallOptions(given: unknown): InstellixCallOptions {
  if (given === undefined) return noOptions;
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

/**
 * Reads the body of a Request. Up to 64 KiB are read first and can be sent again; a longer body is streamed.
 *
 * @throws `signal.reason` when the signal aborts meanwhile
 */
export async function readRequestBody(
  { body, bodyUsed }: Request,
  signal: AbortSignal | undefined,
): Promise<RequestInit['body'] | undefined> {
  // A body that has been read would be sent as an empty one.
  if (bodyUsed) throw new TypeError('client.fetch: the body of the Request has been read already.');
  if (!body) return undefined;
  signal?.throwIfAborted();
  const reader = openReader(body);
  try {
    return await rejectOnAbort(readStart(reader), signal);
  } catch (error) {
    cancelReader(reader);
    throw error;
  }
}

/** Reads up to 64 KiB; what follows stays a stream. */
async function readStart(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<RequestInit['body']> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length <= defaultResendBodyBytes) {
    const { done, value } = await reader.read();
    if (done) return new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer();
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
