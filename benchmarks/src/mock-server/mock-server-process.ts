import { type MockTarget, mockServerSubjects } from '../subjects/mock-servers.ts';

/** The first message of the process of a mock server. */
export interface MockGreeting extends MockTarget {
  /** From the start of the process until the server listens, milliseconds. */
  readonly startMs: number;
}

// One server in its own process, which loads nothing else.
const [name] = process.argv.slice(2);
const subject = mockServerSubjects.find((candidate) => candidate.name === name);
if (!subject) throw new Error(`There is no mock server ${name}.`);
const target = await subject.start();
const greeting: MockGreeting = { ...target, startMs: performance.now() };

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.((user + system) / 1_000);
});
process.on('disconnect', () => process.exit());
process.send?.(greeting);
