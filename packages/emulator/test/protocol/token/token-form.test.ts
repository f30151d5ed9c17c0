import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTokenForm } from '../../../src/protocol/token/token-form.ts';
import { useEmulators } from '../../wire/emulators.ts';
import { sendRaw } from '../../wire/send-raw.ts';
import { basic, callToken, lastReason, multipartForm, type TokenCall } from '../../wire/token-call.ts';

const start = useEmulators();

const valid = 'grant_type=client_credentials';

function urlencoded(body: NonNullable<TokenCall['body']>, headers: Record<string, string> = {}): TokenCall {
  return { headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, body };
}

function multipart(parameters: Record<string, string>): TokenCall {
  return { body: multipartForm({ grant_type: 'client_credentials', ...parameters }) };
}

describe('bodies', () => {
  const accepted: Record<string, TokenCall> = {
    'urlencoded, as RFC 6749 requires': { body: new URLSearchParams({ grant_type: 'client_credentials' }) },
    'urlencoded with a charset': {
      headers: { 'content-type': 'Application/X-WWW-Form-URLEncoded; charset=UTF-8' },
      body: valid,
    },
    'an unknown parameter (RFC 6749 section 3.2)': urlencoded(`${valid}&x=1`),
    'a parameter without a value, which is ignored': urlencoded(`${valid}&scope=`),
    'its own client id': multipart({ client_id: 'local-client' }),
    'a quoted boundary and a preamble': {
      headers: { 'content-type': 'multipart/form-data; boundary="a b"' },
      body: 'preamble\r\n--a b\r\ncontent-disposition: form-data; name=grant_type\r\n\r\nclient_credentials\r\n--a b--',
    },
    'an epilogue, and whitespace after the boundary': {
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
      body: '--x \t\r\ncontent-disposition:form-data;name="grant_type"\r\n\r\nclient_credentials\r\n--x--\r\nepilogue',
    },
    'a content coding of identity': urlencoded(valid, { 'content-encoding': 'identity' }),
  };
  test.each(Object.entries(accepted))('%s: accepted', async (_title, call) => {
    expect((await callToken(await start(), call)).status).toBe(200);
  });

  const refused: [status: number, error: string, calls: Record<string, TokenCall>][] = [
    [
      400,
      'invalid_request',
      {
        'no grant_type': { body: multipartForm({ scope: 'customers:read' }) },
        'an empty grant_type': urlencoded('grant_type='),
        'no body': { body: null },
        'a JSON body': {
          headers: { 'content-type': 'application/json' },
          body: '{"grant_type":"client_credentials"}',
        },
        'a form without a content type': {
          headers: { 'content-type': '' },
          body: Buffer.from(valid),
        },
        'a parameter given twice': urlencoded(`${valid}&${valid}`),
        'an unknown parameter given twice': urlencoded(`${valid}&x=1&x=2`),
        'a secret in the body beside the header': multipart({ client_secret: 'x' }),
        'an assertion beside the header': multipart({ client_assertion: 'x' }),
        'another client’s id in the body': multipart({ client_id: 'other-client' }),
        'a secret in the URL beside the header': { query: '?client_secret=x' },
        'a multipart form without a boundary': {
          headers: { 'content-type': 'multipart/form-data' },
          body: '--x\r\n\r\n--x--',
        },
        'a multipart form that does not end': {
          headers: { 'content-type': 'multipart/form-data; boundary=x' },
          body: '--x\r\ncontent-disposition: form-data; name="grant_type"\r\n\r\nclient_credentials',
        },
        'a file instead of a field': {
          headers: { 'content-type': 'multipart/form-data; boundary=x' },
          body: '--x\r\ncontent-disposition: form-data; name="grant_type"; filename="f"\r\n\r\nclient_credentials\r\n--x--',
        },
        'bytes that are not UTF-8': urlencoded(Buffer.from([0xff, 0xfe])),
      },
    ],
    [
      400,
      'unsupported_grant_type',
      {
        'another grant type': multipart({ grant_type: 'password' }),
        'the right grant type in capitals': multipart({ grant_type: 'CLIENT_CREDENTIALS' }),
      },
    ],
    [
      400,
      'invalid_scope',
      {
        'a scope beyond the roles': multipart({ scope: 'customers:read orders:read' }),
        'a scope with two spaces': multipart({ scope: 'customers:read  customers:write' }),
        'a scope with a quotation mark': multipart({ scope: '"customers:read"' }),
      },
    ],
    [413, 'invalid_request', { 'a body beyond 64 KiB': urlencoded(`x=${'y'.repeat(65_536)}`) }],
    [415, 'invalid_request', { 'a compressed body': urlencoded(valid, { 'content-encoding': 'gzip' }) }],
  ];
  describe.each(refused)('%i %s', (status, error, calls) => {
    test.each(Object.entries(calls))('%s: rejected as in RFC 6749 section 5.2', async (_title, call) => {
      const emulator = await start();
      const response = await callToken(emulator, call);
      expect(response.status).toBe(status);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('www-authenticate')).toBeNull();
      expect(await response.json()).toEqual({ error, error_description: expect.any(String) });
      expect(await lastReason(emulator)).toBe(error);
      expect((await callToken(emulator)).status, 'a refused request must not start the throttle').toBe(200);
    });
  });

  test.each([
    ['rejects a chunked body above 64 KiB', [`y=${'y'.repeat(40_000)}`, 'y'.repeat(40_000)], '413 Payload Too Large'],
    ['accepts a chunked form', ['grant_type=', 'client_credentials'], '200 OK'],
  ])('%s', async (_title, chunks, status) => {
    const emulator = await start();
    const head = [
      'POST /local/oauth2/token HTTP/1.1',
      `Authorization: ${basic(emulator.clientId, emulator.clientSecret)}`,
      'Content-Type: application/x-www-form-urlencoded',
      'Transfer-Encoding: chunked',
    ];
    const body = [...chunks, ''].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    expect((await sendRaw(emulator.url, head, body.join(''))).statusLine).toBe(`HTTP/1.1 ${status}`);
  });
});

describe('multipart', () => {
  const read = (contentType: string, content: string) => {
    const headers = new Headers({ 'content-type': contentType });
    return readTokenForm({ headers, body: { content } }, true);
  };

  test('parses all fields that FormData writes', async () => {
    const names = fc.stringMatching(/^[a-z_]{1,12}$/);
    const values = fc.string({
      unit: fc.constantFrom('a', 'Ü', '日', '👋🏽', '"', '-', ' ', ';', '\r\n'),
      minLength: 1,
    });
    const fields = fc.uniqueArray(fc.tuple(names, values), { maxLength: 5, selector: ([name]) => name });
    await fc.assert(
      fc.asyncProperty(fields, async (entries) => {
        const form = new FormData();
        for (const [name, value] of entries) form.append(name, value);
        const request = new Response(form);
        const contentType = request.headers.get('content-type') ?? '';
        expect(read(contentType, await request.text())).toEqual({ parameters: new Map(entries) });
      }),
    );
  });

  test('never throws on malformed forms', () => {
    const pieces = [
      '--x',
      '--x--',
      '--',
      '\r\n',
      '\r\n\r\n',
      'content-disposition: form-data; name="a"',
      '; filename=b',
      '"',
      ';',
      ' ',
      'v',
    ];
    const bodies = fc.array(fc.constantFrom(...pieces), { maxLength: 12 });
    fc.assert(
      fc.property(bodies, (body) => {
        const form = read('multipart/form-data; boundary=x', body.join(''));
        if ('problem' in form) expect(form.status).toBe(400);
        else for (const [name] of form.parameters) expect(name).toBe('a');
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['ignores a boundary in another parameter', 'multipart/form-data; a="; boundary=y"; boundary=x', '--x', '--x--'],
    ['unescapes a quoted boundary', 'Multipart/Form-Data;a=1;Boundary="\\"\\x"', '--"x', '--"x--'],
  ])('%s', (_title, contentType, begin, end) => {
    const form = read(contentType, `${begin}\r\ncontent-disposition: form-data; name="a"\r\n\r\nv\r\n${end}`);
    expect(form).toEqual({ parameters: new Map([['a', 'v']]) });
  });

  test.each([
    ['an end with a longer boundary', 'multipart/form-data; boundary=x', '--x', '--xy--\r\n'],
    ['an empty boundary', 'multipart/form-data; boundary=""', '--', '----'],
    ['a quoted boundary without an end', 'multipart/form-data; boundary="x', '--x', '--x--'],
  ])('rejects %s', (_title, contentType, begin, end) => {
    const form = read(contentType, `${begin}\r\ncontent-disposition: form-data; name="a"\r\n\r\nv\r\n${end}`);
    expect(form).toEqual({ status: 400, problem: expect.any(String) });
  });

  const readPart = (headers: string) =>
    read('multipart/form-data; boundary=x', `--x\r\n${headers}\r\n\r\ndg==\r\n--x--`);

  test.each([
    ['content-disposition: form-data; name="a; filename=b"', 'a; filename=b'],
    ['content-disposition: form-data; other="; name=evil"; name=a', 'a'],
    ['CONTENT-DISPOSITION:form-data ;NAME="";', ''],
    ['x-first: 1\r\ncontent-disposition: form-data; name="a\\"', 'a\\'],
    ['content-disposition: form-data; name="a"\r\ncontent-transfer-encoding: base64', 'a'],
  ])('reads the name of %j, and its value as it is', (headers, name) => {
    expect(readPart(headers)).toEqual({ parameters: new Map([[name, 'dg==']]) });
  });

  test.each([
    'content-disposition: form-data; name="a"\r\n filename="b"',
    'content-disposition: form-data; name="a',
    'content-disposition: form-data; name="a"b',
    'content-disposition: form-datax; name="a"',
    'content-disposition: form-data',
    'content-type: text/plain',
  ])('rejects the headers %j', (headers) => {
    expect(readPart(headers)).toEqual({ status: 400, problem: 'the multipart form is malformed' });
  });

  test.each([
    ['multipart/form-data', '--x--', 'the multipart form has no boundary'],
    ['multipart/form-data; boundary=x', '--x', 'the multipart form is malformed'],
    [
      'multipart/form-data; boundary=x',
      '--x\r\ncontent-disposition: form-data; name=a; filename=b\r\n\r\n\r\n--x--',
      'a parameter must not be a file',
    ],
  ])('rejects %s with %j and says why', (contentType, body, problem) => {
    expect(read(contentType, body)).toEqual({ status: 400, problem });
  });
});
