const assert = require('node:assert/strict');
const { createInstellixClient } = require('@instellix/core');
const { observeInstellixClient } = require('@instellix/opentelemetry');

const client = createInstellixClient({ environment: 'sandbox', realm: 'r', clientId: 'c', clientSecret: 's' });
const observation = observeInstellixClient(client);
assert.throws(() => observeInstellixClient(client), { code: 'configuration_invalid' });
observation.stop();
