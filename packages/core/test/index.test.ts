import { expect, test } from 'vitest';
import * as adapter from '../src/adapter.ts';
import * as core from '../src/index.ts';
import * as store from '../src/store.ts';

test('@instellix/core exports these names for users', () => {
  expect(Object.keys(core).sort()).toEqual([
    'ConfigurationError',
    'InstellixError',
    'RequestRefusedError',
    'TokenRequestError',
    'createInstellixClient',
    'describeRefusal',
    'findInstellixError',
    'formatTokenEvent',
    'isApiUnreachable',
    'isInstellixError',
    'memoryTokenStore',
  ]);
});

test('@instellix/core/adapter exports these names for authors of adapters', () => {
  expect(Object.keys(adapter).sort()).toEqual([
    'anyOptions',
    'arrayOf',
    'callListener',
    'checkHealth',
    'classifyTlsFailure',
    'clientSecretValidator',
    'clientValidator',
    'completeRequest',
    'defaultResendBodyBytes',
    'describeEnvironment',
    'describeUnknownVariables',
    'discardStream',
    'expiryMarginMs',
    'findCause',
    'findGatewayFailure',
    'func',
    'hasOption',
    'healthTimeout',
    'isApiHost',
    'isApiPath',
    'isApiUrl',
    'isStream',
    'maxTimerMs',
    'nativeSignal',
    'number',
    'object',
    'oneOf',
    'optional',
    'readArguments',
    'readBearerChallenge',
    'readOption',
    'readOptions',
    'rememberApiUnreachable',
    'requireApiHost',
    'required',
    'resolveApiUrl',
    'resolveConfiguration',
    'string',
    'withMethods',
  ]);
});

test('@instellix/core/store exports these names for authors of stores', () => {
  expect(Object.keys(store).sort()).toEqual([
    'addMs',
    'createTokenStore',
    'isUnused',
    'msUntil',
    'object',
    'optional',
    'parseClaimRecord',
    'readOptions',
    'readTimestamp',
    'string',
    'withMethods',
  ]);
});
