import type { Socket } from 'node:net';
import { type Arrival, rawResponse, type Script, saying } from './scripted-upstream.ts';

/** A hostile response of the API, and what the caller receives. */
export interface HostileUpstream {
  readonly title: string;
  readonly script: Script;
  readonly status: number;
  readonly code?: string;
  /** False: the caller detects that the response is incomplete. @default true */
  readonly isWhole?: boolean;
  /** @default the body of the problem */
  readonly body?: string;
  /** All headers besides those of Node and Express and `Cache-Control: private`; not checked if left out. */
  readonly headers?: Readonly<Record<string, string>>;
  /** @default GET */
  readonly method?: string;
  /** How often the request arrives. @default 1 */
  readonly arrives?: number;
}

/** Sends bytes, and then ends or resets the connection. */
function breakingOff(bytes: string, how: (socket: Socket) => void): Script {
  return (_: Arrival, socket) => {
    if (bytes === '') how(socket);
    else socket.write(bytes, 'latin1', () => setTimeout(how, 5, socket));
  };
}

const end = (socket: Socket) => void socket.end();
const reset = (socket: Socket) => void socket.resetAndDestroy();
const failed = { status: 502, code: 'upstream_failed' };
const cut = { status: 200, isWhole: false };
const ok = { status: 200, body: 'ok' };
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';

const deaths: HostileUpstream[] = [
  { title: 'ends the connection before a response', script: breakingOff('', end), ...failed },
  { title: 'resets the connection before a response', script: breakingOff('', reset), ...failed },
  { title: 'ends within the status line', script: breakingOff('HTTP/1.1 20', end), ...failed },
  { title: 'ends within a header', script: breakingOff('HTTP/1.1 200 OK\r\nContent-Le', end), ...failed },
  { title: 'resets within the headers', script: breakingOff('HTTP/1.1 200 OK\r\nA: b\r\n', reset), ...failed },
  {
    title: 'ends after the headers',
    script: breakingOff('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n', end),
    ...cut,
    body: '',
  },
  {
    title: 'ends within a body of known length',
    script: breakingOff('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', end),
    ...cut,
    body: 'half',
  },
  {
    title: 'resets within a body of known length',
    script: breakingOff('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf', reset),
    ...cut,
    body: 'half',
  },
  {
    title: 'ends within a last body of known length',
    script: breakingOff('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nhalf', end),
    ...cut,
    body: 'half',
  },
  { title: 'ends within a chunk', script: breakingOff(`${chunked}a\r\nhalf`, end), ...cut, body: 'half' },
  { title: 'ends between chunks', script: breakingOff(`${chunked}4\r\nhalf\r\n`, end), ...cut, body: 'half' },
  { title: 'resets between chunks', script: breakingOff(`${chunked}4\r\nhalf\r\n`, reset), ...cut, body: 'half' },
  {
    title: 'ends within the last chunk',
    script: breakingOff(`${chunked}4\r\nhalf\r\n0\r\n`, end),
    ...cut,
    body: 'half',
  },
  {
    title: 'sends a chunk size that is not a number',
    script: breakingOff(`${chunked}4\r\nhalf\r\nzz\r\n`, () => {}),
    ...cut,
    body: 'half',
  },
  {
    title: 'resets a body that would last until the end of the connection',
    script: breakingOff('HTTP/1.1 200 OK\r\n\r\nhalf', reset),
    ...cut,
    body: 'half',
  },
  {
    title: 'ends a body that lasts until the end of the connection',
    script: breakingOff('HTTP/1.1 200 OK\r\n\r\nall', end),
    status: 200,
    body: 'all',
  },
  { title: 'speaks HTTP/1.0', script: breakingOff('HTTP/1.0 200 OK\r\n\r\nall', end), status: 200, body: 'all' },
];

const malformations: HostileUpstream[] = [
  { title: 'does not speak HTTP', script: breakingOff('SSH-2.0-OpenSSH_9.6\r\n\r\n', () => {}), ...failed },
  {
    title: 'sends two lengths',
    script: saying('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'),
    ...failed,
  },
  {
    title: 'sends a length and chunks',
    script: saying('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'),
    ...failed,
  },
  {
    title: 'sends a length that is not a number',
    script: saying('HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nok'),
    ...failed,
  },
  {
    title: 'uses another transfer coding',
    script: saying('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'),
    ...failed,
  },
  {
    title: 'sends 20 KiB of headers',
    script: saying(rawResponse('200 OK', 'ok', `X-Long: ${'a'.repeat(20_000)}`)),
    ...failed,
  },
  { title: 'sends a NUL in a header', script: saying(rawResponse('200 OK', 'ok', 'X-Note: a\0b')), ...failed },
  {
    title: 'sends a control character in a header',
    script: saying(rawResponse('200 OK', 'ok', 'X-Before: 1', 'X-Note: a\x7fb')),
    ...failed,
  },
  {
    title: 'sends a bare carriage return in a header',
    script: saying(rawResponse('200 OK', 'ok', 'X-Note: a\rSet-Cookie: b=c')),
    ...failed,
  },
  { title: 'sends a header name with a space', script: saying(rawResponse('200 OK', 'ok', 'X Note: a')), ...failed },
  {
    title: 'sends a second response after the first',
    script: saying(rawResponse('200 OK', 'ok') + rawResponse('200 OK', 'evil')),
    ...ok,
  },
  {
    title: 'sends more than its Content-Length',
    script: saying('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokevil'),
    ...ok,
  },
  {
    title: 'switches protocols',
    script: saying('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'),
    ...failed,
  },
  {
    title: 'sends an unexpected 100',
    script: saying(`HTTP/1.1 100 Continue\r\n\r\n${rawResponse('200 OK', 'ok')}`),
    ...failed,
  },
  {
    title: 'sends 102 and 103 before its response',
    script: saying(
      `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\nSet-Cookie: a=b\r\n\r\n${rawResponse('200 OK', 'ok')}`,
    ),
    ...ok,
    headers: { 'content-length': '2' },
  },
  {
    title: 'responds with a status above those of HTTP',
    script: saying(rawResponse('799 Odd', 'ok')),
    status: 799,
    body: 'ok',
  },
  { title: 'gives a reason with control characters', script: saying(rawResponse('200 O\x01K', 'ok')), ...ok },
  {
    title: 'sends a body with a 204',
    script: saying(rawResponse('204 No Content', 'evil')),
    status: 204,
    body: '',
    headers: {},
  },
  {
    title: 'sends a body with a 304',
    script: saying(rawResponse('304 Not Modified', 'evil', 'ETag: "a"')),
    status: 304,
    body: '',
    headers: { 'content-length': '4', etag: '"a"' },
  },
  {
    title: 'sends a length and no body with a 304',
    script: saying('HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: "a"\r\n\r\n'),
    status: 304,
    body: '',
    headers: { 'content-length': '5', etag: '"a"' },
  },
  {
    title: 'sends a length and no body with a 204',
    script: saying('HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n'),
    status: 204,
    body: '',
    headers: {},
  },
  {
    title: 'sends a body to a HEAD',
    script: saying(rawResponse('200 OK', 'evil')),
    method: 'HEAD',
    status: 200,
    body: '',
    headers: { 'content-length': '4' },
  },
];

const claims: HostileUpstream[] = [
  {
    title: 'sets cookies, challenges, and policies of the service’s origin',
    script: saying(
      rawResponse(
        '200 OK',
        'ok',
        'Set-Cookie: a=b',
        'Set-Cookie: c=d',
        'Set-Cookie2: e',
        'WWW-Authenticate: Bearer',
        'Authentication-Info: a',
        'Proxy-Authenticate: Basic',
        'Proxy-Authentication-Info: a',
        'Alt-Svc: h3=":443"',
        'Strict-Transport-Security: max-age=1',
        'Clear-Site-Data: "*"',
        'Public-Key-Pins: a',
        'NEL: {}',
        'Report-To: {}',
        'Reporting-Endpoints: a',
        'Expect-CT: a',
        'Access-Control-Allow-Origin: *',
        'Access-Control-Allow-Credentials: true',
        'Service-Worker-Allowed: /',
        'Refresh: 0;url=https://evil.example',
        'X-Accel-Redirect: /etc/passwd',
        'X-Sendfile: /etc/passwd',
        'X-Lighttpd-Send-File: /etc/passwd',
        'X-Reproxy-URL: http://evil.example',
        'ETag: "a"',
        'Cache-Control: no-cache',
        'X-Accel-Buffering: no',
      ),
    ),
    ...ok,
    headers: { 'content-length': '2', etag: '"a"', 'cache-control': 'no-cache, private', 'x-accel-buffering': 'no' },
  },
  {
    title: 'sends hop-by-hop headers',
    script: saying(
      rawResponse(
        '200 OK',
        'ok',
        'Connection: keep-alive, X-Internal',
        'X-Internal: 10.0.0.1',
        'Keep-Alive: timeout=9',
        'Upgrade: h2c',
        'TE: a',
        'Trailer: b',
        'Proxy-Connection: close',
      ),
    ),
    ...ok,
    headers: { 'content-length': '2' },
  },
  {
    title: 'names Content-Length in Connection',
    script: saying(rawResponse('200 OK', 'ok', 'Connection: Content-Length')),
    ...ok,
    headers: { 'content-length': '2' },
  },
  {
    title: 'sends trailers',
    script: saying(`${chunked}2\r\nok\r\n0\r\nSet-Cookie: a=b\r\nX-Evil: 1\r\n\r\n`),
    ...ok,
    headers: {},
  },
  {
    title: 'challenges with a 407',
    script: saying(rawResponse('407 Proxy Authentication Required', 'no', 'Proxy-Authenticate: Basic')),
    ...failed,
  },
  {
    title: 'responds with 403 to a missing access right',
    script: saying(
      rawResponse('403 Forbidden', 'no', 'WWW-Authenticate: Bearer error="insufficient_scope", scope="orders:read"'),
    ),
    status: 502,
    code: 'insufficient_scope',
  },
  {
    title: 'responds with another 403',
    script: saying(rawResponse('403 Forbidden', 'no', 'WWW-Authenticate: Bearer error="invalid_request"')),
    status: 403,
    body: 'no',
    headers: { 'content-length': '2' },
  },
  {
    title: 'responds with 500',
    script: saying(rawResponse('500 Oops', 'no', 'WWW-Authenticate: Bearer')),
    status: 500,
    body: 'no',
    headers: { 'content-length': '2' },
  },
  {
    title: 'rejects every token',
    script: saying(rawResponse('401 Unauthorized', 'no', 'WWW-Authenticate: Bearer error="invalid_token"')),
    status: 502,
    code: 'token_rejected',
    arrives: 2,
  },
];

const redirect = (location: string): Script => saying(rawResponse('302 Found', '', `Location: ${location}`));
const leads = (title: string, location: string, to: string | undefined): HostileUpstream => ({
  title: `redirects ${title}`,
  script: (arrival, socket) =>
    redirect(location.replace('ORIGIN', `http://${arrival.header('host')}`))(arrival, socket),
  status: 302,
  body: '',
  headers: { 'content-length': '0', ...(to !== undefined && { location: to }) },
});

const redirects: HostileUpstream[] = [
  leads('to itself', '/v1/items', '/api/items'),
  leads('to a full address of the API', 'ORIGIN/v1/items?a=b#c', '/api/items?a=b#c'),
  leads('to a relative address', 'other?x', '/api/other?x'),
  leads('to the base of the API', '/v1/', '/api/'),
  leads('to another origin', 'https://evil.example/v1/items', undefined),
  leads('to another origin without a scheme', '//evil.example/v1/items', undefined),
  leads('to another origin after backslashes', '/\\evil.example/v1/items', undefined),
  leads('out of the API', '/admin', undefined),
  leads('out of the API over dots', '/v1/../admin', undefined),
  leads('out of the API over encoded dots', '/v1/%2e%2e/admin', undefined),
  leads('out of the API over an encoded slash', '/v1/..%2fadmin', undefined),
  leads('to another origin below an empty mount', '/v1//evil.example', undefined),
  leads('to an address with a password', 'http://a:b@127.0.0.1/v1/items', undefined),
  leads('to a script', 'javascript:alert(1)', undefined),
  leads('to what is no address', 'http://[', undefined),
];

/** Each script responds to one request. */
export const hostileUpstreams: readonly HostileUpstream[] = [...deaths, ...malformations, ...claims, ...redirects];
