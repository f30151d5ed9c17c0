import { describe, expect, it } from 'vitest';
import { readArguments, UsageError } from '../src/read-arguments.ts';

const names = ['warm-read', 'stampede'];
const read = (...argv: string[]) => readArguments(argv, names);

describe('readArguments', () => {
  it('runs all benchmarks with a fixed seed by default', () => {
    expect(read()).toEqual({ only: [], rounds: undefined, seed: 1, json: undefined, help: false });
  });

  it('takes every option, and --only more than once', () => {
    const argv = ['--only', 'warm-read', '--only=stampede', '--rounds', '7', '--seed', '0', '--json', 'out.json', '-h'];
    expect(read(...argv)).toEqual({ only: names, rounds: 7, seed: 0, json: 'out.json', help: true });
  });

  it.each([
    [['--only', 'warm'], '--only takes one of warm-read, stampede, not "warm".'],
    [['--only'], "Option '--only <value>' argument missing."],
    [['--rounds', '0'], '--rounds takes a whole number from 1 to 10000, not "0".'],
    [['--rounds', '2.5'], '--rounds takes a whole number from 1 to 10000, not "2.5".'],
    [['--rounds', '1e3'], '--rounds takes a whole number from 1 to 10000, not "1e3".'],
    [['--rounds', ''], '--rounds takes a whole number from 1 to 10000, not "".'],
    [['--rounds=-1'], '--rounds takes a whole number from 1 to 10000, not "-1".'],
    [['--rounds', '10001'], '--rounds takes a whole number from 1 to 10000, not "10001".'],
    [['--seed', 'x'], '--seed takes a whole number from 0 to 4294967295, not "x".'],
    [['--json', ''], '--json takes the name of a file.'],
    [['--quick'], "Unknown option '--quick'."],
    [['warm-read'], "Unexpected argument 'warm-read'."],
  ])('reports the problem with %j in one line', (argv, message) => {
    expect(() => read(...argv)).toThrow(new UsageError(message));
  });
});
