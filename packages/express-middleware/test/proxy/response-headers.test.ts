import { expect, test } from 'vitest';
import { ResponseHeaders } from '../../src/proxy/response-headers.ts';

const context = {
  apiUrl: new URL('http://127.0.0.1/v1/'),
  requested: '/v1/items',
  mountPath: '/api',
  response: { getHeader: (): undefined => undefined },
};

function select(received: Record<string, string | string[]>, own: Record<string, string> = {}, status = 200) {
  const getHeader = (name: string) => own[name];
  return new Map(new ResponseHeaders([]).select(received, status, { ...context, response: { getHeader } }));
}

/** The IANA registry of HTTP field names as of June 2026, and further names of browsers, caches and servers. */
const droppedNames = `
  Accept-CH Access-Control-Allow-Credentials Access-Control-Allow-Headers Access-Control-Allow-Methods Access-Control-Allow-Origin
  Access-Control-Expose-Headers Access-Control-Max-Age Access-Control-Request-Headers Access-Control-Request-Method Alt-Svc
  Authentication-Control Authentication-Info Authorization Cache-Group-Invalidation Cache-Groups Capsule-Protocol CDN-Cache-Control
  Clear-Site-Data Client-Cert Client-Cert-Chain Close Concealed-Auth-Export Connection Cookie DPoP DPoP-Nonce Hobareg
  Include-Referred-Token-Binding-ID Keep-Alive NEL Optional-WWW-Authenticate Origin-Agent-Cluster Proxy-Authenticate
  Proxy-Authentication-Info Proxy-Authorization Proxy-Status Public-Key-Pins Public-Key-Pins-Report-Only Refresh Sec-Fetch-Dest
  Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User Sec-Purpose Sec-Token-Binding Sec-WebSocket-Accept Sec-WebSocket-Extensions
  Sec-WebSocket-Key Sec-WebSocket-Protocol Sec-WebSocket-Version Set-Cookie Strict-Transport-Security TE Trailer Transfer-Encoding
  Upgrade Use-As-Dictionary WWW-Authenticate

  Accept-CH-Lifetime Activate-Storage-Access Ad-Auction-Signals Akamai-CDN-Cache-Control Attribution-Reporting-Register-Source
  Cache-Tag Cloudflare-CDN-Cache-Control Critical-CH Edge-Cache-Tag Edge-Control Expect-CT Login-Status Netlify-CDN-Cache-Control
  Observe-Browsing-Topics Origin-Trial Report-To Reporting-Endpoints Sec-Session-Registration Secure-Session-Challenge
  Service-Worker-Allowed Set-Cookie2 Set-Login Shared-Storage-Write Speculation-Rules Supports-Loading-Mode Surrogate-Control
  Surrogate-Key Timing-Allow-Origin Vercel-CDN-Cache-Control X-Accel-Expires X-Accel-Redirect X-Envoy-Immediate-Health-Check-Fail
  X-Lighttpd-Send-File X-LiteSpeed-Cache-Control X-LiteSpeed-Location X-LiteSpeed-Purge X-LiteSpeed-Tag X-Reproxy-URL X-Sendfile`;

const forwardedNames = `
  A-IM Accept Accept-Additions Accept-Datetime Accept-Encoding Accept-Features Accept-Language Accept-Patch Accept-Post Accept-Query
  Accept-Ranges Accept-Signature Age Allow ALPN Alt-Used Alternates Apply-To-Redirect-Ref Available-Dictionary Cache-Control Cache-Status
  Cal-Managed-ID CalDAV-Timezones CDN-Loop Cert-Not-After Cert-Not-Before Content-Digest Content-Disposition Content-Encoding
  Content-Language Content-Length Content-Location Content-Range Content-Security-Policy Content-Security-Policy-Report-Only Content-Type
  Cross-Origin-Embedder-Policy Cross-Origin-Embedder-Policy-Report-Only Cross-Origin-Opener-Policy
  Cross-Origin-Opener-Policy-Report-Only Cross-Origin-Resource-Policy DASL Date DAV Delta-Base Deprecation Depth Destination Detached-JWS
  Dictionary-ID Early-Data ETag Expect Expires Forwarded From Host If If-Match If-Modified-Since If-None-Match If-Range
  If-Schedule-Tag-Match If-Unmodified-Since IM Incremental Label Last-Event-ID Last-Modified Link Link-Template Location Lock-Token
  Max-Forwards Memento-Datetime Meter MIME-Version Negotiate OData-EntityId OData-Isolation OData-MaxVersion OData-Version Ordering-Type
  Origin OSCORE OSLC-Core-Version Overwrite Ping-From Ping-To Position Prefer Preference-Applied Priority Range Redirect-Ref Referer
  Referrer-Policy Replay-Nonce Repr-Digest Retry-After Schedule-Reply Schedule-Tag Server Server-Timing Set-Txn Signature
  Signature-Input SLUG SoapAction Status-URI Sunset TCN Timeout Topic Traceparent Tracestate TTL Urgency User-Agent Variant-Vary Vary Via
  Want-Content-Digest Want-Repr-Digest X-Content-Type-Options X-Frame-Options

  RateLimit RateLimit-Policy X-Accel-Buffering X-Powered-By X-Request-Id X-Total-Count`;

const names = (list: string) => list.trim().toLowerCase().split(/\s+/);

test.each(names(droppedNames))('drops %s', (name) => {
  const value = name === 'transfer-encoding' ? 'chunked' : '/v1/items';
  expect([...select({ [name]: value }).keys()]).toEqual(['cache-control']);
});

test('forwards all other registered headers, and those of the API itself', () => {
  const received = Object.fromEntries(names(forwardedNames).map((name) => [name, '/v1/items']));
  expect([...select(received).keys()].sort()).toEqual(names(forwardedNames).sort());
});

test.each([
  [undefined, 'private'],
  ['max-age=60', 'max-age=60, private'],
  ['no-cache', 'no-cache, private'],
  ['max-age=60, proxy-revalidate', 'max-age=60, proxy-revalidate, private'],
  ['private="x-id", max-age=60', 'private="x-id", max-age=60, private'],
  ['no-cache="public, x", max-age=60', 'no-cache="public, x", max-age=60, private'],
  ['private', 'private'],
  ['No-Store', 'No-Store'],
  ['max-age=60, PUBLIC', 'max-age=60, PUBLIC'],
  ['s-maxage=60', 's-maxage=60'],
  ['max-age=60,must-revalidate', 'max-age=60,must-revalidate'],
])('prevents shared caches from storing a response unless the API allows it: %s', (value, expected) => {
  expect(select(value === undefined ? {} : { 'cache-control': value }).get('cache-control')).toBe(expected);
});

test('uses the Cache-Control of the service when the API sends none', () => {
  expect(select({}, { 'cache-control': 'no-store' }).get('cache-control')).toBe('no-store');
  expect(select({ 'cache-control': 'max-age=1' }, { 'cache-control': 'no-store' }).get('cache-control')).toBe(
    'max-age=1, private',
  );
});

test('keeps the policies of the service, which the API cannot weaken', () => {
  const received = { 'content-security-policy': "script-src 'unsafe-inline'", 'x-frame-options': 'ALLOWALL' };
  expect(select(received, { 'content-security-policy': "default-src 'self'" })).toEqual(
    new Map([
      ['x-frame-options', 'ALLOWALL'],
      ['cache-control', 'private'],
    ]),
  );
});
