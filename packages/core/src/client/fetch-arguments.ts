import { object, readArguments } from '../configuration/object-validator.ts';
import { hasOption, readOption } from '../configuration/read-option.ts';
import { func, string } from '../configuration/validator.ts';

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

/** The fields of a `Request`, and of an init of any class, besides those that are read one by one. */
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
] as const;
const maxResentBytes = 65_536;

/**
 * Reads the arguments of `client.fetch`. A `Request` is read by its fields, so that one of another copy of undici works. Up to 64 KiB of
 * its body are read first and can be sent again; a longer body is streamed.
 *
 * @throws TypeError as the platform's fetch does, and for wrong options of ours
 */
export async function readFetchArguments(input: unknown, init: InstellixRequestInit): Promise<FetchArguments> {
  if (!isRequest(input)) return readInit(input, init);
  const own = pickFields(input);
  const { url, method, headers, redirect, signal } = input;
  // As on the platform: a body in `init` replaces the one of the Request, and is not read.
  const body = init.body === undefined && init.instellix?.body === undefined ? await readBody(input) : undefined;
  const given = Object.fromEntries(Object.entries(init).filter(([, value]) => value !== undefined));
  return readInit(url, { method, headers, redirect, signal, ...own, ...(body && { body }), ...given });
}

/** Reads the arguments of a call with a string or a URL. */
export function readInit(input: unknown, init: InstellixRequestInit): FetchArguments {
  if (typeof input !== 'string' && typeof (input as URL | undefined)?.href !== 'string') {
    throw new TypeError('client.fetch: the first argument must be a string, a URL or a Request.');
  }
  const url = typeof input === 'string' ? input : (input as URL).href;
  if (typeof init !== 'object' || init === null) throw new TypeError('client.fetch: init must be an object.');
  const { method = 'GET', headers, body, redirect = 'follow', signal } = init;
  const given = readOption(init, 'instellix');
  const options = given === undefined ? {} : readArguments(optionsValidator, given, 'client.fetch: init.instellix');
  if (options.body && body != null) throw new TypeError('client.fetch: give either body or instellix.body, not both.');
  const { instellix: _, ...rest } = init;
  return {
    url,
    method: method.toUpperCase(),
    headers: headers === undefined ? undefined : new Headers(headers),
    body,
    redirect,
    // As on the platform: null removes the signal of a Request.
    signal: signal ?? undefined,
    rest: Object.getPrototypeOf(init) === Object.prototype ? rest : { ...pickFields(init), ...rest },
    options,
  };
}

function isRequest(input: unknown): input is Request {
  if (typeof input !== 'object' || input === null) return false;
  const { url, method, headers } = input as Partial<Request>;
  return typeof url === 'string' && typeof method === 'string' && typeof headers === 'object';
}

function pickFields(source: object): RequestInit {
  const names = passedOn.filter((name) => hasOption(source, name) && readOption(source, name) !== undefined);
  return Object.fromEntries(names.map((name) => [name, readOption(source, name)]));
}

/** Reads up to 64 KiB of the body of a Request. The body of a longer one becomes a stream. */
async function readBody({ body }: Request): Promise<RequestInit['body'] | undefined> {
  if (!body) return undefined;
  const reader = body.getReader();
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
