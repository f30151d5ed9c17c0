import { chmodSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../packages/run.ts';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** An apt that knows one release of Debian and takes nothing for installed; it leaves the machine's own as it is. */
export class PrivateApt implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'private-apt-'));
  readonly #configuration = join(this.#folder, 'apt.conf');

  /** Learns what the release has, from where the machine has its own packages. */
  async open(codename: string): Promise<void> {
    if (!existsSync(keyring)) throw new Error(`Only a Debian can fetch from Debian: there is no ${keyring}.`);
    // Downloads are made by a user of apt's own, who must get to them.
    chmodSync(this.#folder, 0o755);
    for (const part of ['lists', 'cache']) mkdirSync(join(this.#folder, part));
    writeFileSync(join(this.#folder, 'status'), '');
    const source = `deb [signed-by=${keyring} target=Packages] ${await this.#findMirror()} ${codename} main\n`;
    writeFileSync(join(this.#folder, 'sources.list'), source);
    writeFileSync(this.#configuration, this.#settings());
    await this.#aptGet('update', '--error-on=any');
  }

  /** The files of a package and of all that it depends on, down to the C library. */
  async download(names: readonly string[]): Promise<string[]> {
    await this.#aptGet('install', '--download-only', '--yes', '--no-install-recommends', ...names);
    return globSync(join(this.#folder, 'cache/archives/*.deb'));
  }

  /** Asked of the machine's apt, so that a mirror of one's own is used here as well. */
  async #findMirror(): Promise<string> {
    // With no lists, it names all that it would fetch.
    const noLists = `Dir::State::Lists=${join(this.#folder, 'none')}`;
    const addresses = await run('apt-get', ['update', '--print-uris', '-o', noLists], this.#folder);
    const [, own] = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8')) ?? [];
    // Others than Debian may be among its sources, with releases of their own.
    const mirror = new RegExp(`^'(\\S+)/dists/${own}/main/binary-`, 'm').exec(addresses)?.[1];
    if (!mirror) throw new Error('The apt of this machine has no source of Debian packages.');
    return mirror;
  }

  #settings(): string {
    const at = (name: string) => `"${join(this.#folder, name)}"`;
    return [
      // What the machine does after its own updates, prefers and pins has nothing to do with this.
      '#clear APT::Update;',
      '#clear APT::Default-Release;',
      `Dir::Etc::Preferences ${at('none')};`,
      'Dir::Etc::PreferencesParts "-";',
      `Dir::Etc::SourceList ${at('sources.list')};`,
      'Dir::Etc::SourceParts "-";',
      `Dir::State ${at('')};`,
      `Dir::State::Lists ${at('lists')};`,
      `Dir::State::Status ${at('status')};`,
      `Dir::Cache ${at('cache')};`,
      'Acquire::Retries "3";',
    ].join('\n');
  }

  #aptGet(...args: string[]): Promise<string> {
    return run('apt-get', ['-q', '--config-file', this.#configuration, ...args], this.#folder);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
