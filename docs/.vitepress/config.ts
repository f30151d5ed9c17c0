import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { toAnchor } from '../../tools/markdown.ts';
import { adaptLinks } from './adapt-links.ts';
import { createSidebar } from './pages.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { repository } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { repository?: string };
const unpublished = ['tools/', 'benchmarks/', 'etc/'];

/** Whether a path, relative to the root, is a page of this site. */
function isPage(path: string): boolean {
  return (
    path.endsWith('.md') && !unpublished.some((folder) => path.startsWith(folder)) && existsSync(`${root}/${path}`)
  );
}

export default defineConfig({
  title: 'instellix',
  description: 'OAuth 2.0 client credentials for the instellix REST API',
  lang: 'en',
  // The pages keep their places in the repository, so that their links work here and there.
  srcDir: '..',
  srcExclude: unpublished.map((folder) => `${folder}**`),
  rewrites: { 'README.md': 'index.md' },
  // The colours of VitePress for code have too little contrast with its background.
  head: [['style', {}, ':root { --vp-code-lang-color: var(--vp-c-text-2); }']],
  markdown: {
    // Headings get the anchors that they have in the repository.
    anchor: { slugify: toAnchor },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config: (md) => adaptLinks(md, repository, isPage),
  },
  themeConfig: {
    search: { provider: 'local' },
    sidebar: createSidebar(root),
    outline: 'deep',
    ...(repository === undefined ? {} : { socialLinks: [{ icon: 'github', link: repository }] }),
  },
});
