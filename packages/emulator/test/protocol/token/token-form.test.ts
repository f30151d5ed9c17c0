import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTokenForm } from '../../../src/protocol/token/token-form.ts';
import { useEmulators } from '../../wire/emulators.ts';
import { sendRaw } from '../../wire/send-raw.ts';
import { basic, callToken, lastReason, multipartForm, type TokenCall } from '../../wire/token-call.ts';

const start = useEmulators();

const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };

describe('bodies', () => {
  const accepted: Record<string, TokenCall> = {
    'urlencoded, as RFC 6749 requires': { body: new URLSearchParams({ grant_type: 'client_credentials' }) },
    'urlencoded with a charset': {
      headers: { 'content-type': 'Application/X-WWW-Form-URLEncoded; charset=UTF-8' },
      body: 'grant_type=client_credentials',
    },
    'an unknown parameter (RFC 6749 section 3.2)': {
      headers: urlencoded,
      body: 'grant_type=client_credentials&x=1',
    },
    'a parameter without a value, which is ignored': {
      headers: urlencoded,
      body: 'grant_type=client_credentials&scope=',
    },
    'its own client id': { body: multipartForm({ grant_type: 'client_credentials', client_id: 'local-client' }) },
    'a quoted boundary': {
      headers: { 'content-type': 'multipart/form-data; boundary="a b"' },
      body: '--a b\r\ncontent-disposition: form-data; name="grant_type"\r\n\r\nclient_credentials\r\n--a b--',
    },
    'a content coding of identity': {
      headers: { ...urlencoded, 'content-encoding': 'identity' },
      body: 'grant_type=client_credentials',
    },
  };
  test.each(Object.entries(accepted))('%s: accepted', async (_title, call) => {
    expect((await callToken(await start(), call)).status).toBe(200);
  });

  const refused: Record<string, [TokenCall, status: number, error: string]> = {
    'no grant_type': [{ body: multipartForm({ scope: 'customers:read' }) }, 400, 'invalid_request'],
    'an empty grant_type': [{ headers: urlencoded, body: 'grant_type=' }, 400, 'invalid_request'],
    'no body': [{ body: null }, 400, 'invalid_request'],
    'a JSON body': [
      { headers: { 'content-type': 'application/json' }, body: '{"grant_type":"client_credentials"}' },
      400,
      'invalid_request',
    ],
    'a form without a content type': [
      { headers: { 'content-type': '' }, body: Buffer.from('grant_type=client_credentials') },
      400,
      'invalid_request',
    ],
    'a parameter given twice': [
      { headers: urlencoded, body: 'grant_type=client_credentials&grant_type=client_credentials' },
      400,
      'invalid_request',
    ],
    'an unknown parameter given twice': [
      { headers: urlencoded, body: 'grant_type=client_credentials&x=1&x=2' },
      400,
      'invalid_request',
    ],
    'another grant type': [{ body: multipartForm({ grant_type: 'password' }) }, 400, 'unsupported_grant_type'],
    'the right grant type in capitals': [
      { body: multipartForm({ grant_type: 'CLIENT_CREDENTIALS' }) },
      400,
      'unsupported_grant_type',
    ],
    'a secret in the body beside the header': [
      { body: multipartForm({ grant_type: 'client_credentials', client_secret: 'x' }) },
      400,
      'invalid_request',
    ],
    'an assertion beside the header': [
      { body: multipartForm({ grant_type: 'client_credentials', client_assertion: 'x' }) },
      400,
      'invalid_request',
    ],
    'another client’s id in the body': [
      { body: multipartForm({ grant_type: 'client_credentials', client_id: 'other-client' }) },
      400,
      'invalid_request',
    ],
    'a secret in the URL beside the header': [{ query: '?client_secret=x' }, 400, 'invalid_request'],
    'a multipart form without a boundary': [
      { headers: { 'content-type': 'multipart/form-data' }, body: '--x\r\n\r\n--x--' },
      400,
      'invalid_request',
    ],
    'a multipart form that does not end': [
      {
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: '--x\r\ncontent-disposition: form-data; name="grant_type"\r\n\r\nclient_credentials',
      },
      400,
      'invalid_request',
    ],
    'a file instead of a field': [
      {
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
        body: '--x\r\ncontent-disposition: form-data; name="grant_type"; filename="f"\r\n\r\nclient_credentials\r\n--x--',
      },
      400,
      'invalid_request',
    ],
    'bytes that are not UTF-8': [{ headers: urlencoded, body: Buffer.from([0xff, 0xfe]) }, 400, 'invalid_request'],
    'a compressed body': [
      { headers: { ...urlencoded, 'content-encoding': 'gzip' }, body: 'grant_type=client_credentials' },
      415,
      'invalid_request',
    ],
    'a body beyond 64 KiB': [{ headers: urlencoded, body: `x=${'y'.repeat(65_536)}` }, 413, 'invalid_request'],
    'a scope beyond the roles': [
      { body: multipartForm({ grant_type: 'client_credentials', scope: 'customers:read orders:read' }) },
      400,
      'invalid_scope',
    ],
    'a scope with two spaces': [
      { body: multipartForm({ grant_type: 'client_credentials', scope: 'customers:read  customers:write' }) },
      400,
      'invalid_scope',
    ],
    'a scope with a quotation mark': [
      { body: multipartForm({ grant_type: 'client_credentials', scope: '"customers:read"' }) },
      400,
      'invalid_scope',
    ],
  };
  test.each(Object.entries(refused))(
    '%s: rejected as in RFC 6749 section 5.2',
    async (_title, [call, status, error]) => {
      const emulator = await start();
      const response = await callToken(emulator, call);
      expect(response.status).toBe(status);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('www-authenticate')).toBeNull();
      expect(await response.json()).toEqual({ error, error_description: expect.any(String) });
      expect(await lastReason(emulator)).toBe(error);
      expect((await callToken(emulator)).status, 'a refused request must not start the throttle').toBe(200);
    },
  );

  test('rejects a chunked body above 64 KiB', async () => {
    const emulator = await start();
    const chunk = 'y'.repeat(40_000);
    const response = await sendRaw(
      emulator.url,
      [
        'POST /local/oauth2/token HTTP/1.1',
        `Authorization: ${basic(emulator.clientId, emulator.clientSecret)}`,
        'Content-Type: application/x-www-form-urlencoded',
        'Transfer-Encoding: chunked',
      ],
      `9c40\r\n${chunk}\r\n9c40\r\n${chunk}\r\n0\r\n\r\n`,
    );
    expect(response.statusLine).toBe('HTTP/1.1 413 Payload Too Large');
  });

  test('accepts a chunked form', async () => {
    const emulator = await start();
    const response = await sendRaw(
      emulator.url,
      [
        'POST /local/oauth2/token HTTP/1.1',
        `Authorization: ${basic(emulator.clientId, emulator.clientSecret)}`,
        'Content-Type: application/x-www-form-urlencoded',
        'Transfer-Encoding: chunked',
      ],
      '0b\r\ngrant_type=\r\n12\r\nclient_credentials\r\n0\r\n\r\n',
    );
    expect(response.statusLine).toBe('HTTP/1.1 200 OK');
  });
});

describe('multipart', () => {
  const read = (contentType: string, body: string) =>
    readTokenForm(new Headers({ 'content-type': contentType }), { content: body }, true);

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
        expect(await read(contentType, await request.text())).toEqual({ parameters: new Map(entries) });
      }),
    );
  });

  test('never throws on malformed forms', async () => {
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
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const form = await read('multipart/form-data; boundary=x', body.join(''));
        if ('problem' in form) expect(form.status).toBe(400);
        else for (const [name] of form.parameters) expect(name).toBe('a');
      }),
      { numRuns: 2_000 },
    );
  });

  test('a longer boundary is not the boundary', async () => {
    const body = '--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--xy--\r\n';
    expect(await read('multipart/form-data; boundary=x', body)).toMatchObject({ status: 400 });
  });
});
