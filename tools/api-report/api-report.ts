/**
 * Compares the public API of every entry point with the report in `etc/api/`, so that no change of it goes unnoticed.
 *
 *     pnpm api:check     fails when a report differs
 *     pnpm api:update    writes the reports
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
} from '@microsoft/api-extractor';
import { findPublicPackages, listEntryPoints } from '../release/public-packages.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const reportFolder = join(root, 'etc/api');
const update = process.argv.includes('--update');

const entryPoints = findPublicPackages(root).flatMap((each) =>
  listEntryPoints(each).map(({ specifier, types }) => ({
    projectFolder: join(root, each.directory),
    declarations: join(root, each.directory, types),
    /** `@instellix/core/adapter` is reported in `core.adapter.api.md`. */
    report: `${specifier.replace('@instellix/', '').replaceAll('/', '.')}.api.md`,
  })),
);

/** All entry points are read at once: reading the libraries for each of them would take minutes. */
const tsconfig = {
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023', 'esnext.disposable', 'dom', 'dom.iterable'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    skipLibCheck: true,
  },
  files: entryPoints.map(({ declarations }) => declarations),
};

function createConfig({ projectFolder, declarations, report }: (typeof entryPoints)[number], reportTempFolder: string) {
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(projectFolder, 'package.json'),
    configObject: {
      projectFolder,
      mainEntryPointFilePath: declarations,
      compiler: { overrideTsconfig: tsconfig },
      apiReport: { enabled: true, reportFileName: report, reportFolder, reportTempFolder },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: { extractorMessageReporting: { default: { logLevel: ExtractorLogLevel.None } } },
    },
  });
}

/** Compares all reports, and writes them for an update. @returns the names of those that differ */
function compareReports(temporary: string): string[] {
  const configs = entryPoints.map((entryPoint) => createConfig(entryPoint, temporary));
  const [first] = configs;
  if (first === undefined) return [];
  const compilerState = CompilerState.create(first);
  const changed = configs.filter((config) => {
    const messageCallback = (message: ExtractorMessage): void => {
      message.handled = true;
    };
    return Extractor.invoke(config, { compilerState, localBuild: update, messageCallback }).apiReportChanged;
  });
  return changed.map(({ reportFilePath }) => reportFilePath.slice(reportFolder.length + 1));
}

/** Finds reports of entry points that no longer exist: they would be compared with nothing. */
function findStaleReports(): string[] {
  return readdirSync(reportFolder).filter((name) => !entryPoints.some(({ report }) => report === name));
}

mkdirSync(reportFolder, { recursive: true });
const temporary = mkdtempSync(join(tmpdir(), 'instellix-api-'));
try {
  const stale = findStaleReports();
  const differing = [...compareReports(temporary), ...stale];
  if (update) for (const name of stale) rmSync(join(reportFolder, name));
  for (const name of differing) console.log(`${update ? 'updated' : 'differs'}: etc/api/${name}`);
  if (differing.length === 0) console.log(`The ${entryPoints.length} reports in etc/api/ are those of the public API.`);
  else if (!update) {
    console.error('The public API has changed. If that is intended, run "pnpm api:update" and commit the reports.');
    process.exitCode = 1;
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
