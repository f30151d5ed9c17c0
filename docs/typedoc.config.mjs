import { fileURLToPath } from 'node:url';
import { Converter, ReflectionKind } from 'typedoc';
import { load as loadMarkdown } from 'typedoc-plugin-markdown';
import { findPublicPackages, listEntryPoints } from '../tools/release/public-packages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The source of each entry point, by what users import. */
const sources = findPublicPackages(root).flatMap((each) =>
  listEntryPoints(each).map(({ specifier, source }) => ({ specifier, path: `${each.directory}/${source.slice(2)}` })),
);

/** Names each module by what users import, not by its file. */
function nameModules(app) {
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, reflection) => {
    if (!reflection.kindOf(ReflectionKind.Module)) return;
    const found = sources.find(({ path }) => path.replace(/(?:\/index)?\.ts$/, '') === reflection.name);
    if (found === undefined) throw new Error(`No entry point is called ${reflection.name}.`);
    reflection.name = found.specifier;
  });
}

export default {
  name: 'API reference',
  entryPoints: sources.map(({ path }) => `${root}${path}`),
  tsconfig: `${root}docs/typedoc.tsconfig.json`,
  basePath: root,
  out: `${root}reference`,
  plugin: [loadMarkdown, nameModules],
  // One page for each entry point.
  outputFileStrategy: 'modules',
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  enumMembersFormat: 'table',
  entryFileName: 'index',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  hideGroupHeadings: true,
  logLevel: 'Warn',
  readme: 'none',
  disableSources: true,
  // `pnpm types` checks the sources, with the compiler of the packages.
  skipErrorChecking: true,
  excludeExternals: true,
  excludePrivate: true,
  excludeInternal: true,
  validation: { invalidLink: true, notExported: false },
  useCodeBlocks: true,
  useHTMLAnchors: true,
};
