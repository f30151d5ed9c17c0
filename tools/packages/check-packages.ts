/**
 * Checks what users install, not what lies in the folders: packs each public package, has publint and
 * are-the-types-wrong look at the tarballs, installs them into empty projects and uses them there, on every supported
 * Node and under every module resolution of TypeScript.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyWorkingTree } from '../release/copy-working-tree.ts';
import { type PackedPackage, packPackages } from '../release/pack-packages.ts';
import { prepareRelease } from '../release/prepare-release.ts';
import { checkNest } from './check-nest.ts';
import { checkReadme } from './check-readme.ts';
import { run, runOnNode } from './run.ts';
import { selectNodes } from './select-nodes.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const consumers = fileURLToPath(new URL('consumers/', import.meta.url));
/** The first and the last of each supported line. */
const nodes = selectNodes(['20.19.0', '22.12.0', '22.13.0', '24.21.0', '26.10.0']);
/** Each adapter and store, with what its users install beside it; each of its versions has a project of its own. */
const adapters = [
  { name: 'axios-interceptor', beside: ['axios@1.21.1', '@types/node@24'] },
  { name: 'express-middleware', beside: ['express@5.3.0', '@types/express@5.0.6', 'undici@7.30.2', '@types/node@24'] },
  {
    name: 'express-middleware',
    beside: ['express@4.19.0', '@types/express@4.17.25', 'undici@7.30.2', '@types/node@24'],
  },
  { name: 'file-store', beside: ['@types/node@24'] },
  {
    name: 'opentelemetry',
    beside: ['@opentelemetry/api@1.9.0', '@opentelemetry/sdk-metrics@2.0.0', '@types/node@24'],
  },
  { name: 'redis-store', beside: ['@types/node@24'] },
  { name: 'undici-interceptor', beside: ['undici@7.30.2', '@types/node@24'] },
];
/** `node16` is checked by are-the-types-wrong and with Nest. */
const resolutions = { nodenext: 'nodenext', bundler: 'esnext' };
const typescript5 = 'typescript5@npm:typescript@5.9.3';

/** The address that the tarballs name; it is not used here. */
const repository = 'https://github.com/example/instellix';

const folder = mkdtempSync(join(tmpdir(), 'instellix-packages-'));
// Jest and other tools leave caches in the directory for temporary files.
process.env['TMPDIR'] = folder;
let failures = 0;

async function check(title: string, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
    console.log(`✓ ${title}`);
  } catch (error) {
    failures++;
    console.log(`✗ ${title}\n${error instanceof Error ? error.message : error}`);
  }
}

async function packAll(): Promise<PackedPackage[]> {
  const copy = await copyWorkingTree(root);
  try {
    prepareRelease(copy, repository);
    return await packPackages(copy, folder);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** An empty project with the given tarballs in it, the files of one of the `consumers`, and a server to talk to. */
async function installInto(
  name: string,
  packages: readonly PackedPackage[],
  extra: readonly string[] = [],
): Promise<string> {
  const project = join(folder, [name, ...extra.slice(0, 1)].join(' with ').replaceAll('/', ' '));
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  cpSync(join(consumers, name), project, { recursive: true });
  cpSync(join(consumers, '../token-server.cjs'), join(project, 'token-server.cjs'));
  const tarballs = packages.map(({ tarball }) => tarball);
  await run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs, ...extra], project);
  return project;
}

async function checkTypes(project: string): Promise<void> {
  for (const [moduleResolution, module] of Object.entries(resolutions)) {
    for (const [types, lib] of [
      [['node'], ['es2023', 'esnext.disposable']],
      [[], ['es2023', 'esnext.disposable', 'dom']],
    ]) {
      const title = `types of ${basename(project)} under ${moduleResolution}, ${types?.[0] ?? 'dom'}`;
      const compilerOptions = { module, moduleResolution, lib, types, strict: true, noEmit: true, skipLibCheck: false };
      // Only nodenext compiles CommonJS that requires an ES module.
      const include = module === 'nodenext' ? ['types.ts', 'types.cts'] : ['types.ts'];
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }));
      await check(title, () => run('tsc', ['--project', project], project));
    }
  }
}

/** TypeScript 5 with `module: commonjs` knows no `exports`: it finds packages by `main`, `types` and `typesVersions`. */
async function checkTypesOfTypeScript5(project: string, { name, entryPoints }: PackedPackage): Promise<void> {
  const imports = entryPoints.map((specifier, index) => `export * as entryPoint${index} from '${specifier}';`);
  writeFileSync(join(project, 'entry-points.ts'), imports.join('\n'));
  const lib = ['es2023', 'esnext.disposable'];
  const options = { module: 'commonjs', target: 'es2022', esModuleInterop: true, lib, types: ['node'] };
  const compilerOptions = { ...options, strict: true, noEmit: true, skipLibCheck: false };
  const include = ['entry-points.ts', 'types.ts', 'types.cts'];
  writeFileSync(join(project, 'tsconfig.5.json'), JSON.stringify({ compilerOptions, include }));
  await check(`types of ${name} in ${basename(project)} by TypeScript 5 under module commonjs`, () =>
    run('node', ['node_modules/typescript5/lib/tsc.js', '--project', 'tsconfig.5.json'], project),
  );
}

function isAtLeast(version: string, [major = 0, minor = 0]: readonly number[]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

async function checkTarballs(packed: readonly PackedPackage[]): Promise<void> {
  for (const { name, tarball, entryPoints } of packed) {
    await check(`publint finds nothing in ${name}`, () => run('publint', ['run', tarball, '--strict'], folder));
    // A package without entry points is a command, and has no types.
    if (entryPoints.length === 0) continue;
    await check(`are-the-types-wrong finds nothing in ${name}`, () =>
      run('attw', [tarball, '--profile', 'esm-only'], folder),
    );
  }
}

async function checkConsumers(packed: readonly PackedPackage[]): Promise<void> {
  const find = (name: string) => packed.find((each) => each.name === `@instellix/${name}`) as PackedPackage;
  const core = await installInto('core', [find('core')], ['@types/node@24', typescript5]);
  const emulator = await installInto('emulator', packed, ['@types/node@24', typescript5]);
  await checkTypes(core);
  await checkTypesOfTypeScript5(core, find('core'));
  await checkTypesOfTypeScript5(emulator, find('emulator'));
  const cli = await installInto('cli', [find('core'), find('file-store'), find('cli')]);
  const alone = await installInto('express-alone', [find('core'), find('express-middleware')], ['--legacy-peer-deps']);
  const adapting: string[] = [];
  for (const { name: adapter, beside } of adapters) {
    const project = await installInto(adapter, [find('core'), find(adapter)], [...beside, typescript5]);
    adapting.push(project);
    await checkTypes(project);
    await checkTypesOfTypeScript5(project, find(adapter));
  }
  const checkOn = async (node: string) => {
    const runOn = (project: string, file: string) => runOnNode(node, [file], project);
    await check(`core is imported and works on Node ${node}`, () => runOn(core, 'import.js'));
    await check(`core is required and works on Node ${node}`, () => runOn(core, 'require.cjs'));
    await check(`express-middleware is imported without Express and undici on Node ${node}`, () =>
      runOn(alone, 'import.js'),
    );
    await check(`the instellix command works on Node ${node}`, () => runOn(cli, 'command.js'));
    for (const project of adapting) {
      const name = basename(project);
      await check(`${name} is imported and works on Node ${node}`, () => runOn(project, 'import.js'));
      await check(`${name} is required and works on Node ${node}`, () => runOn(project, 'require.cjs'));
    }
    if (isAtLeast(node, [22, 13])) {
      await check(`core and emulator work on Node ${node}`, () => runOn(emulator, 'import.js'));
      await check(`the emulator's command works on Node ${node}`, () => runOn(emulator, 'command.js'));
    }
  };
  await Promise.all(nodes.map(checkOn));
}

try {
  const packed = await packAll();
  const needsNest = packed.filter(({ name }) => /(core|axios-interceptor|nestjs-module)$/.test(name));
  // Side by side: most of the time goes into processes that use one core.
  await Promise.all([
    checkTarballs(packed),
    checkConsumers(packed),
    check('the first five minutes of the README work as written', () => checkReadme(folder)),
    checkNest({ folder, tarballs: needsNest.map(({ tarball }) => tarball), check }),
  ]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
console.log(failures === 0 ? 'All package checks hold.' : `${failures} package checks do not hold.`);
process.exitCode = failures === 0 ? 0 : 1;
