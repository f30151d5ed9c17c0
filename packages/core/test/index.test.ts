import { expect, test } from 'vitest';
import * as core from '../src/index.ts';

test('the public names are these, so that none comes or goes by accident', () => {
  expect(Object.keys(core).sort()).toEqual([
    'ConfigurationError',
    'InstellixError',
    'RequestRefusedError',
    'TokenRequestError',
    'checkHealth',
    'createInstellixClient',
    'describeRefusal',
    'findFailure',
    'gatewayStatus',
    'isApiUrl',
    'isInstellixError',
    'memoryTokenStore',
    'nextHop',
    'redirectLocation',
    'renewInBackground',
    'resolveApiUrl',
    'retryAfterSeconds',
  ]);
});
