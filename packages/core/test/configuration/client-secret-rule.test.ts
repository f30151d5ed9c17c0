import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { clientSecretRule } from '../../src/configuration/client-secret-rule.ts';
import { ConfigurationError } from '../../src/error/configuration-error.ts';
import { problemsIn } from './problems-of.ts';
import { reading } from './reading.ts';
import { clearVariables, setVariables } from './variables.ts';

beforeEach(clearVariables);

const resolve = (value?: unknown) => {
  const { result, problems } = reading(clientSecretRule, value, 'clientSecret');
  return { readSecret: result, problems };
};

describe('a secret from a variable or an option', () => {
  it('is the one that was there at the start', async () => {
    setVariables({ INSTELLIX_CLIENT_SECRET: 'from-variable' });
    const { readSecret } = resolve();
    clearVariables();
    expect(await readSecret()).toBe('from-variable');
    expect(await resolve('from-option').readSecret()).toBe('from-option');
  });

  it('wins over all variables when it is an option, so that both of them do no harm', async () => {
    setVariables({ INSTELLIX_CLIENT_SECRET: 'x', INSTELLIX_CLIENT_SECRET_FILE: '/does/not/exist' });
    expect(resolve('from-option').problems).toEqual([]);
    expect(resolve(() => 'from-function').problems).toEqual([]);
  });
});

describe('a secret function', () => {
  it('is asked anew each time and not before, so that a rotated secret is picked up', async () => {
    let asked = 0;
    const { readSecret } = resolve(async () => `secret-${++asked}`);
    expect(asked).toBe(0);
    expect([await readSecret(), await readSecret()]).toEqual(['secret-1', 'secret-2']);
  });

  it.each([undefined, null, '', ' ', 'hunter2\n', 'hunter\u00002', 42, { hunter2: 1 }, ['hunter2']])(
    'that returns %j is an error that says so, without what it returned',
    async (answer) => {
      for (const give of [() => answer, async () => answer]) {
        const problems = await resolve(give)
          .readSecret()
          .then(() => [], problemsIn);
        expect(problems).toEqual([
          expect.stringMatching(/^The secret that the clientSecret function returned (must be|is missing)/),
        ]);
        expect(problems.join()).not.toContain('hunter');
      }
    },
  );

  it('that fails, at once or later, rejects with its own error as the cause', async () => {
    const cause = new Error('the vault is sealed');
    const fails = [
      () => {
        throw cause;
      },
      async () => {
        throw cause;
      },
    ];
    for (const fail of fails) {
      const error = await resolve(fail)
        .readSecret()
        .catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(error).toMatchObject({ cause, code: 'configuration_invalid' });
      expect((error as Error).message).not.toContain('sealed');
    }
  });

  it('that fails with what a vault has answered shows nothing of the answer', async () => {
    const thrown = Object.assign(new Error('request failed', { cause: { body: 'planted-in-the-cause' } }), {
      response: { data: { client_secret: 'planted-secret' } },
      config: { headers: { authorization: 'Bearer planted-vault-token-of-some-length' } },
    });
    const error = await resolve(() => Promise.reject(thrown))
      .readSecret()
      .catch((caught: unknown) => caught);
    expect(inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain('planted');
    expect((error as Error).cause).toMatchObject({ message: 'request failed' });
  });
});

describe('a secret file', () => {
  async function secretFile(content: string): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), 'instellix-rotation-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const path = join(directory, 'secret');
    await writeFile(path, content);
    setVariables({ INSTELLIX_CLIENT_SECRET_FILE: path });
    return path;
  }

  it('is read before each token request, so that a rotated file heals without a restart', async () => {
    const path = await secretFile('first\n');
    const { readSecret, problems } = resolve();
    expect(problems).toEqual([]);
    expect(await readSecret()).toBe('first');
    await writeFile(path, 'second\n');
    expect(await readSecret()).toBe('second');
    await rm(path);
    expect(await readSecret().then(() => [], problemsIn)).toEqual([expect.stringMatching(/ENOENT/)]);
    await writeFile(path, 'third');
    expect(await readSecret()).toBe('third');
  });

  it('stays the one that was named at the start, whatever becomes of the variable', async () => {
    await secretFile('first');
    const { readSecret } = resolve();
    clearVariables();
    expect(await readSecret()).toBe('first');
  });

  it('is checked at the start, so that a deployment fails rather than its first call', async () => {
    await secretFile('');
    expect(resolve().problems).toEqual([
      expect.stringMatching(/^The content of INSTELLIX_CLIENT_SECRET_FILE .* must be a text/),
    ]);
  });

  it('is not preferred to a variable silently, nor the variable to it', async () => {
    await secretFile('hunter2');
    setVariables({ INSTELLIX_CLIENT_SECRET: 'hunter3' });
    const { problems } = resolve();
    expect(problems).toEqual([
      expect.stringMatching(/INSTELLIX_CLIENT_SECRET .*INSTELLIX_CLIENT_SECRET_FILE .*both set/),
    ]);
    expect(problems.join()).not.toContain('hunter');
  });

  it.each([' ', '/run/secrets/x\n', '/run/\u0007'])('that is not there is named in one line: %j', (path) => {
    setVariables({ INSTELLIX_CLIENT_SECRET_FILE: path });
    expect(resolve().problems).toEqual([
      expect.stringMatching(/^INSTELLIX_CLIENT_SECRET_FILE .*cannot be read \P{Cc}+$/u),
    ]);
  });
});

it('names all three ways when there is no secret', () => {
  expect(resolve().problems).toEqual([
    'clientSecret (variable INSTELLIX_CLIENT_SECRET or INSTELLIX_CLIENT_SECRET_FILE) is missing: set it.',
  ]);
});
