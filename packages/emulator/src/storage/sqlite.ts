// Not an import: where `node:sqlite` is missing, the error of an import would not say what to do.
const sqlite = process.getBuiltinModule?.('node:sqlite');
if (sqlite === undefined) {
  throw new Error(
    `@instellix/emulator requires Node 22.13 or newer (node:sqlite); this is Node ${process.versions.node}; update Node`,
  );
}

export const { DatabaseSync } = sqlite;
