import { fileURLToPath } from 'node:url';

export default {
  // The tests give each run a folder of its own and delete it afterwards.
  distDir: process.env.NEXT_APP_DIST_DIR ?? '.next-manual',
  // `@instellix/core` is a symbolic link to packages/core, which must be inside the root.
  turbopack: { root: fileURLToPath(new URL('../../..', import.meta.url)) },
  // Next.js must not write an AGENTS.md next to the app.
  agentRules: false,
};
