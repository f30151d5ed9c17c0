import { spawnSync } from 'node:child_process';

/** A program that some tests need and not every machine has. */
const programs = [{ name: 'redis-server', isFor: 'packages/redis-store', remedy: 'apt-get install redis-server' }];

/** Runs once around all tests: what was left out is the last thing that is said, so that nobody can miss it. */
export function setup(): () => void {
  return () => {
    for (const { name, isFor, remedy } of programs) {
      if (spawnSync(name, ['--version']).status === 0) continue;
      console.warn(`\nLEFT OUT: the tests of ${isFor} that need ${name}, which is not installed: ${remedy}\n`);
    }
  };
}
