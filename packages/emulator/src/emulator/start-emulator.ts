import { createControls } from '../controls/create-controls.ts';
import { HttpServer } from '../http/http-server.ts';
import { openState } from '../state/open-state.ts';
import { openDatabase } from '../storage/open-database.ts';
import { createApp } from './create-app.ts';
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
  const { port, host, database: path, access, ...settings } = await readOptions(options);
  const database = openDatabase(path);
  try {
    const opened = openState(database, settings);
    const { state } = opened;
    const closing = new AbortController();
    const controls = createControls(opened, closing.signal);
    const app = createApp({ state, controls, access, closing: closing.signal });
    const server = await HttpServer.listen(app.fetch, {
      port,
      host,
      date: () => new Date(state.clock.now()).toUTCString(),
    });
    return createEmulator({ state, controls, app, server, database, closing });
  } catch (error) {
    database.close();
    throw error;
  }
}
