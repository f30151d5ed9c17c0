import { openDatabase } from '../database/open-database.ts';
import { createApp } from '../http/create-app.ts';
import { HttpServer } from '../http/http-server.ts';
import { openState } from '../state/open-state.ts';
import { createEmulator } from './create-emulator.ts';
import type { Emulator } from './emulator.ts';
import type { EmulatorOptions } from './emulator-options.ts';
import { readOptions } from './read-options.ts';

/**
 * Starts a local instellix on a free port of this machine.
 *
 * @throws Error that names the option and the fix: an option is unknown or absurd, the port is in use, the seed cannot be
 * read, or the database file is damaged, locked or somebody else's.
 */
export async function startEmulator(options?: EmulatorOptions): Promise<Emulator> {
  const { port, database: path, ...settings } = await readOptions(options);
  const database = openDatabase(path);
  try {
    const { state, reset } = await openState(database, settings);
    const closing = new AbortController();
    const app = createApp({ state, closing: closing.signal });
    const server = await HttpServer.listen(app.fetch, port);
    return createEmulator({ state, reset, app, server, database, closing });
  } catch (error) {
    database.close();
    throw error;
  }
}
