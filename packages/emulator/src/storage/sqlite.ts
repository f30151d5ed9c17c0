// Not imported: a missing `node:sqlite` would end the import with an error that names neither this package nor the remedy.
const sqlite = process.getBuiltinModule?.('node:sqlite');
if (sqlite === undefined) {
  throw new Error(
    `@instellix/emulator needs node:sqlite, which Node has from 22.13 on; this is Node ${process.versions.node}`,
  );
}

export const { DatabaseSync } = sqlite;
