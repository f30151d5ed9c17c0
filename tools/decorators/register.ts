import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';

const sources = new URL('../../packages/nestjs-module/src/', import.meta.url).href;

// Node removes types, but it does not compile decorators. For a process with the sources of the NestJS module:
// `node --import ./tools/decorators/register.ts`.
registerHooks({
  load(url, context, nextLoad) {
    if (!url.startsWith(sources)) return nextLoad(url, context);
    const { code } = transformSync(readFileSync(fileURLToPath(url), 'utf8'), {
      loader: 'ts',
      sourcemap: 'inline',
      sourcefile: fileURLToPath(url),
      tsconfigRaw: { compilerOptions: { experimentalDecorators: true, verbatimModuleSyntax: true } },
    });
    return { format: 'module', source: code, shortCircuit: true };
  },
});
