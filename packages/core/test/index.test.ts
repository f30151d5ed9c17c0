import { expect, test } from 'vitest';
import * as core from '../src/index.ts';

test('the public names are these, so that none comes or goes by accident', () => {
  expect(Object.keys(core).sort()).toEqual([
    'ConfigurationError',
    'InstellixError',
    'RequestRefusedError',
    'TokenRequestError',
    'checkHealth',
    'concludeCall',
    'createInstellixClient',
    'describeRefusal',
    'findFailure',
    'gatewayStatus',
    'isApiUrl',
    'isInstellixError',
    'memoryTokenStore',
    'renewInBackground',
    'resolveApiUrl',
    'retryAfterSeconds',
  ]);
});
