import { exportSeed } from '../state/export-seed.ts';
import { readObject } from '../state/input/read-object.ts';
import { list, nothing, object, text } from './json-schema.ts';
import type { Verb } from './verb.ts';

const description = object({
  url: text,
  realm: text,
  clientId: text,
  clientSecret: text,
  env: { type: 'object', additionalProperties: text },
  portal: object({ url: text, username: text, password: text }),
});
const anything = { type: 'object' };

/** What concerns the emulator as a whole, and all tokens, over HTTP. */
export const wholeVerbs: readonly Verb[] = [
  {
    path: 'describe',
    summary: 'Tells what a client needs: URL, default credential, variables, and the first account of the portal',
    request: object({}),
    answer: description,
    async run({ describe }, given) {
      readObject(given, 'describe()', []);
      return describe();
    },
  },
  {
    path: 'reset',
    summary: 'Goes back to the seed; the clock stays',
    request: object({}),
    answer: nothing,
    isAudited: true,
    async run({ controls }, given) {
      readObject(given, 'reset()', []);
      await controls.reset();
      return {};
    },
  },
  {
    path: 'seed/export',
    summary: 'Tells the present credentials, portal users and customers as a seed, without secrets and passwords',
    request: object({}),
    answer: object({ credentials: list(anything), portalUsers: list(anything), customers: list(anything) }),
    async run({ state }, given) {
      readObject(given, 'seed.export()', []);
      return exportSeed(state);
    },
  },
  onTokens('revokeAll', 'Revokes every token'),
  onTokens('expireAll', 'Ends the lifetime of every token'),
];

function onTokens(verb: 'revokeAll' | 'expireAll', summary: string): Verb {
  return {
    path: `tokens/${verb}`,
    summary,
    request: object({}),
    answer: nothing,
    isAudited: true,
    async run({ controls }, given) {
      readObject(given, `tokens.${verb}()`, []);
      await controls.tokens[verb]();
      return {};
    },
  };
}
