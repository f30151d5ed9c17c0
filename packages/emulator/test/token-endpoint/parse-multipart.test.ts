import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMultipart } from '../../src/protocol/token/token-form.ts';

test('parses all fields that FormData writes', async () => {
  const names = fc.stringMatching(/^[a-z_]{1,12}$/);
  const values = fc.string({ unit: fc.constantFrom('a', 'Ü', '日', '👋🏽', '"', '-', ' ', ';', '\r\n') });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(names, values), { maxLength: 5 }), async (fields) => {
      const form = new FormData();
      for (const [name, value] of fields) form.append(name, value);
      const response = new Response(form);
      const boundary = response.headers.get('content-type')?.split('boundary=')[1] ?? '';
      expect(parseMultipart(await response.text(), boundary)).toEqual(fields);
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
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (body) => {
      for (const field of parseMultipart(body.join(''), 'x') ?? []) expect(field).toHaveLength(2);
    }),
    { numRuns: 2_000 },
  );
});

test('a longer boundary is not the boundary', () => {
  expect(parseMultipart('--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n--xy--\r\n', 'x')).toBeUndefined();
});
