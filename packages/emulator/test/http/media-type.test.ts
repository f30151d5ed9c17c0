import { expect, test } from 'vitest';
import { parseMediaType } from '../../src/http/media-type.ts';

test.each([
  ['text/plain', 'text/plain', {}],
  ['Multipart/Form-Data; Boundary=abc', 'multipart/form-data', { boundary: 'abc' }],
  ['multipart/form-data;boundary="a \\"b\\" ; c" ; x=1;', 'multipart/form-data', { boundary: 'a "b" ; c', x: '1' }],
])('%s', (header, essence, parameters) => {
  const mediaType = parseMediaType(header);
  expect(mediaType?.essence).toBe(essence);
  expect(Object.fromEntries(mediaType?.parameters ?? [])).toEqual(parameters);
});

test.each([null, '', 'text', 'text/', '/plain', 'text/plain x', 'text/plain; boundary', 'a/b; c="d'])(
  '%s: malformed',
  (header) => {
    expect(parseMediaType(header)).toBeUndefined();
  },
);
