/**
 * Checks the packed NestJS module in applications as they are: Nest 11 and 12, CommonJS and ESM, Jest 29 and 30, on every
 * supported Node, with three versions of TypeScript. What cannot work must fail as docs/nestjs.md says.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, runOnNode } from './run.ts';
import { selectNodes } from './select-nodes.ts';

/** What {@link checkNest} gets from its caller. */
export interface NestCheckContext {
  /** A folder to install into. */
  readonly folder: string;
  /** The tarballs of core, the Axios interceptor and the NestJS module. */
  readonly tarballs: readonly string[];
  check(title: string, act: () => Promise<unknown>): Promise<void>;
}

const consumer = fileURLToPath(new URL('consumers/nestjs-module/', import.meta.url));
const nodes = selectNodes(['20.19.0', '22.12.0', '24.21.0', '26.10.0']);
const compilers = ['typescript', 'typescript6', 'typescript7'];
const withJest = ['jest@29.7.0', 'jest30@npm:jest@30.5.2', 'ts-jest@29.4.15', '@types/jest@29'];
const tools = [
  'typescript@5.9.3',
  'typescript6@npm:typescript@6.0.3',
  'typescript7@npm:typescript@7.0.2',
  '@types/node@24',
];
const shared = ['axios@1.21.1', 'rxjs@7.8.2', 'reflect-metadata@0.2.2'];
const nest11 = [
  'common@11',
  'core@11',
  'platform-express@11',
  'platform-fastify@11',
  'testing@11',
  'axios@4',
  'terminus@11',
  'config@4',
];
const nest12 = [
  'common@12',
  'core@12',
  'platform-express@12',
  'platform-fastify@12',
  'axios@12',
  'terminus@12',
  'config@12',
];
const scoped = (packages: readonly string[]) => packages.map((name) => `@nestjs/${name}`);

/** An application within an installation. */
interface Application {
  readonly title: string;
  readonly folder: string;
}

/** Installs each version of Nest once, and runs everything in it. */
export async function checkNest(context: NestCheckContext): Promise<void> {
  const { folder, tarballs } = context;
  const [eleven, twelve, minimal] = await Promise.all([
    install(join(folder, 'nest-11'), [...tarballs, ...scoped(nest11), ...shared, ...tools, ...withJest]),
    install(join(folder, 'nest-12'), [...tarballs, ...scoped(nest12), ...shared, ...tools]),
    install(join(folder, 'nest-alone'), [
      ...tarballs.filter((tarball) => !tarball.includes('axios-interceptor')),
      ...scoped(['common@12', 'core@12']),
    ]),
  ]);
  const applications = await Promise.all([
    createApplication('Nest 11 CommonJS', join(eleven, 'cjs'), 'commonjs'),
    createApplication('Nest 12 ESM', join(twelve, 'esm'), 'module'),
    createApplication('Nest 12 CommonJS', join(twelve, 'cjs'), 'commonjs'),
  ]);
  cpSync(`${consumer}minimal.mjs`, join(minimal, 'minimal.mjs'));
  await Promise.all([
    checkRuns(context, applications, minimal),
    checkJest(context, join(eleven, 'cjs')),
    checkTypes(context, applications),
  ]);
}

async function install(project: string, packages: readonly string[]): Promise<string> {
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages], project);
  return project;
}

/** Copies the application below an installation and compiles it as `nest build` does. */
async function createApplication(title: string, folder: string, type: 'commonjs' | 'module'): Promise<Application> {
  mkdirSync(folder);
  for (const file of ['app.ts', 'types.ts']) cpSync(`${consumer}${file}`, join(folder, file));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }));
  const config = { ...compilerOptions('nodenext', 'nodenext'), isolatedModules: true, outDir: 'dist' };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: config, include: ['app.ts'] }));
  await compile(folder, 'typescript', 'tsconfig.json');
  return { title, folder };
}

function compilerOptions(module: string, moduleResolution: string) {
  const decorators = { experimentalDecorators: true, emitDecoratorMetadata: true };
  const base = { target: 'es2022', lib: ['es2023'], types: ['node'], esModuleInterop: true, strict: true };
  return { ...base, module, moduleResolution, ...decorators };
}

function compile(folder: string, compiler: string, config: string): Promise<string> {
  return run('node', [join(folder, '../node_modules', compiler, 'lib/tsc.js'), '--project', config], folder);
}

const runOn = (node: string, folder: string, ...args: string[]) => runOnNode(node, args, folder);

async function mustFail(saying: RegExp, act: Promise<unknown>): Promise<void> {
  await assert.rejects(act, (error: Error) => saying.test(error.message) || assert.fail(error.message));
}

async function checkRuns({ check }: NestCheckContext, applications: readonly Application[], minimal: string) {
  for (const node of nodes) {
    for (const { title, folder } of applications) {
      await check(`${title} works on Node ${node}`, () => runOn(node, folder, 'dist/app.js'));
    }
    await check(`Nest without any optional peer works on Node ${node}`, () => runOn(node, minimal, 'minimal.mjs'));
  }
}

/** The recipe is that of docs/nestjs.md; a test compares them. */
async function checkJest({ check }: NestCheckContext, folder: string): Promise<void> {
  for (const file of ['customers.spec.ts', 'jest.config.json']) cpSync(`${consumer}${file}`, join(folder, file));
  const { transformIgnorePatterns: _, ...rest } = JSON.parse(readFileSync(`${consumer}jest.config.json`, 'utf8'));
  writeFileSync(join(folder, 'jest.plain.json'), JSON.stringify(rest));
  const jest = (name: string) => `../node_modules/${name}/bin/jest.js`;
  const plain = '--config=jest.plain.json';
  for (const node of nodes) {
    for (const name of ['jest', 'jest30']) {
      const title = `Nest 11 with ${name === 'jest' ? 'Jest 29' : 'Jest 30'} works by the recipe on Node ${node}`;
      await check(title, () => runOn(node, folder, jest(name), '--config=jest.config.json'));
    }
  }
  await check('Jest 29 without the recipe fails as documented', () =>
    mustFail(/SyntaxError: Unexpected token 'export'/, runOn('24.21.0', folder, jest('jest'), plain)),
  );
  await check('Jest 30 without the recipe fails as documented', () =>
    mustFail(/Must use import to load ES Module/, runOn('22.12.0', folder, jest('jest30'), plain)),
  );
  await check('Jest 30 with --experimental-vm-modules needs no recipe on Node 24.21.0', () =>
    runOn('24.21.0', folder, '--experimental-vm-modules', jest('jest30'), plain),
  );
}

async function checkTypes({ check }: NestCheckContext, applications: readonly Application[]): Promise<void> {
  const [commonJs, esm] = applications as readonly [Application, Application];
  const typesOf = async ({ folder }: Application, compiler: string, module: string, resolution: string) => {
    const config = `tsconfig.${compiler}-${module}.json`;
    // Everything that is declared is looked at by the fast compiler, and by each under one resolution.
    const skipLibCheck = compiler !== 'typescript7' && module !== 'nodenext';
    const options = { ...compilerOptions(module, resolution), skipLibCheck, noEmit: true };
    writeFileSync(
      join(folder, config),
      JSON.stringify({ compilerOptions: options, include: ['*.ts'], exclude: ['*.spec.ts'] }),
    );
    return compile(folder, compiler, config);
  };
  for (const compiler of compilers) {
    for (const [module, resolution] of [
      ['node16', 'node16'],
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ] as const) {
      await check(`types of ${esm.title} by ${compiler} under ${resolution}`, () =>
        typesOf(esm, compiler, module, resolution),
      );
      if (module === 'node16') {
        const title = `a CommonJS application by ${compiler} under module node16 fails as documented`;
        await check(title, () => mustFail(/TS1479/, typesOf(commonJs, compiler, module, resolution)));
      } else {
        await check(`types of ${commonJs.title} by ${compiler} under ${resolution}`, () =>
          typesOf(commonJs, compiler, module, resolution),
        );
      }
    }
  }
  await check('types of Nest 11 CommonJS by typescript under module node20', () =>
    typesOf(commonJs, 'typescript', 'node20', 'node16'),
  );
  for (const compiler of ['typescript6', 'typescript7']) {
    await check(`types of Nest 11 CommonJS by ${compiler} under module commonjs`, () =>
      typesOf(commonJs, compiler, 'commonjs', 'bundler'),
    );
  }
  // It ignores `exports`, and finds the packages by `main`, `types` and `typesVersions`.
  await check('types of Nest 11 CommonJS by typescript under module commonjs', () =>
    typesOf(commonJs, 'typescript', 'commonjs', 'node10'),
  );
}
