import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { createSidebar } from './pages.ts';
import { linkToRepository } from './repository-links.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { repository } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { repository?: string };
const unpublished = ['tools/', 'benchmarks/', 'etc/'];

/** Whether a path, relative to the root, is a page of this site. */
function isPage(path: string): boolean {
  return path.endsWith('.md') && !unpublished.some((folder) => path.startsWith(folder)) && existsSync(`${root}/${path}`);
}

export default defineConfig({
  title: 'instellix',
  description: 'OAuth 2.0 client credentials for the instellix REST API',
  lang: 'en',
  // The pages keep their places in the repository, so that their links work here and there.
  srcDir: '..',
  srcExclude: unpublished.map((folder) => `${folder}**`),
  rewrites: { 'README.md': 'index.md', 'reference/README.md': 'reference/index.md' },
  markdown: {
    config: (md) => linkToRepository(md, repository, (from, target) => isPage(posix.join(posix.dirname(from), target))),
  },
  themeConfig: {
    search: { provider: 'local' },
    sidebar: createSidebar(root),
    outline: 'deep',
    ...(repository === undefined ? {} : { socialLinks: [{ icon: 'github', link: repository }] }),
  },
  vite: { server: { host: '127.0.0.1', port: 0 } },
});
