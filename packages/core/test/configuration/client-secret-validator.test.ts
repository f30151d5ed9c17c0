import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { clientSecretValidator } from '../../src/configuration/client-secret-validator.ts';
import { ConfigurationError } from '../../src/error/configuration-error.ts';
import { problemsIn } from './problems-of.ts';
import { validate } from './validate.ts';
import { clearVariables, setVariables } from './variables.ts';

beforeEach(clearVariables);

const resolve = (value?: unknown) => {
  const { result, problems } = validate(clientSecretValidator, value, 'clientSecret');
  return { readSecret: result, problems };
};

describe('a secret from a variable or an option', () => {
  it('is read when the client is created', async () => {
    setVariables({ INSTELLIX_CLIENT_SECRET: 'from-variable' });
    const { readSecret } = resolve();
    clearVariables();
    expect(await readSecret()).toBe('from-variable');
    expect(await resolve('from-option').readSecret()).toBe('from-option');
  });

  it('takes precedence over both variables when it is an option', async () => {
    setVariables({ INSTELLIX_CLIENT_SECRET: 'x', INSTELLIX_CLIENT_SECRET_FILE: '/does/not/exist' });
    expect(resolve('from-option').problems).toEqual([]);
    expect(resolve(() => 'from-function').problems).toEqual([]);
  });
});

describe('a secret function', () => {
  it('is called for each read and not before, so that a rotated secret is picked up', async () => {
    let calls = 0;
    const { readSecret } = resolve(async () => `secret-${++calls}`);
    expect(calls).toBe(0);
    expect([await readSecret(), await readSecret()]).toEqual(['secret-1', 'secret-2']);
  });

  it.each([undefined, null, '', ' ', 'hunter2\n', 'hunter\u00002', 42, { hunter2: 1 }, ['hunter2']])(
    'is reported without its result when it returns %j',
    async (value) => {
      for (const give of [() => value, async () => value]) {
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

  it('is reported when its result cannot be read', async () => {
    const fail = () => {
      throw new Error('hunter2');
    };
    const results = [
      Object.defineProperty({}, Symbol.toStringTag, { get: fail }),
      new Proxy([], { getPrototypeOf: fail }),
    ];
    for (const result of results) {
      const problems = await resolve(() => result as never)
        .readSecret()
        .then(() => [], problemsIn);
      expect(problems).toEqual([
        'The secret that the clientSecret function returned throws when it is read: give a plain value.',
      ]);
    }
  });

  it('rejects with the error of the function as the cause, whether it throws or rejects', async () => {
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
      expect(error).toMatchObject({ cause, code: 'configuration_invalid', retryable: true });
      expect((error as Error).message).not.toContain('sealed');
    }
  });

  it('shows nothing of the HTTP response in an error of the function', async () => {
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

  it('is read before each token request, so that a rotated file needs no restart', async () => {
    const path = await secretFile('first\n');
    const { readSecret, problems } = resolve();
    expect(problems).toEqual([]);
    expect(await readSecret()).toBe('first');
    await writeFile(path, 'second\n');
    expect(await readSecret()).toBe('second');
    await rm(path);
    const error = await readSecret().catch((caught: unknown) => caught);
    // It may be in the middle of being replaced.
    expect(error).toMatchObject({ problems: [expect.stringMatching(/ENOENT/)], retryable: true });
    await writeFile(path, 'third');
    expect(await readSecret()).toBe('third');
  });

  it('is the file that the variable named when the client was created', async () => {
    await secretFile('first');
    const { readSecret } = resolve();
    clearVariables();
    expect(await readSecret()).toBe('first');
  });

  it('is checked when the client is created, so that a deployment fails and not its first call', async () => {
    await secretFile('');
    expect(resolve().problems).toEqual([
      expect.stringMatching(/^The content of INSTELLIX_CLIENT_SECRET_FILE .* must be a non-empty string/),
    ]);
  });

  it('is a problem beside INSTELLIX_CLIENT_SECRET', async () => {
    await secretFile('hunter2');
    setVariables({ INSTELLIX_CLIENT_SECRET: 'hunter3' });
    const { problems } = resolve();
    expect(problems).toEqual([
      expect.stringMatching(/INSTELLIX_CLIENT_SECRET .*INSTELLIX_CLIENT_SECRET_FILE .*both set/),
    ]);
    expect(problems.join()).not.toContain('hunter');
  });

  it.each([' ', '/run/secrets/x\n', '/run/\u0007'])('is reported in one line when it does not exist: %j', (path) => {
    setVariables({ INSTELLIX_CLIENT_SECRET_FILE: path });
    expect(resolve().problems).toEqual([
      expect.stringMatching(/^INSTELLIX_CLIENT_SECRET_FILE .*cannot be read \P{Cc}+$/u),
    ]);
  });
});

it('names the option and both variables when there is no secret', () => {
  expect(resolve().problems).toEqual([
    'clientSecret (variable INSTELLIX_CLIENT_SECRET or INSTELLIX_CLIENT_SECRET_FILE) is missing: set it.',
  ]);
});
