import type { Step } from './step.ts';

const color = process.stdout.isTTY && !process.env['NO_COLOR'];
const paint = (code: number) => (text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
const bold = paint(1);
const dim = paint(2);
const green = paint(32);
const red = paint(31);
const width = Math.min(process.stdout.columns ?? 110, 110);

let number = 0;

export function printIntroduction(url: string): void {
  const details = dim(`(emulator at ${url}, with the 5 s throttle of the vendor)`);
  console.log(`\n${bold('The main job, on a local instellix')} ${details}\n`);
}

/** A step, and how it went. */
export type StepResult = { step: Step; happened: string } | { step: Step; failure: string };

export function printStep(result: StepResult): void {
  const { step } = result;
  const holds = 'happened' in result;
  console.log(`${holds ? green('✓') : red('✗')} ${String(++number).padStart(2)}  ${bold(step.title)}`);
  printRow('happened', holds ? result.happened : red(`DOES NOT HOLD: ${result.failure}`));
  printRow('proves', step.proves);
  console.log();
}

export function printVerdict(failed: readonly string[]): void {
  const verdict = `${failed.length} of ${number} statements do not hold:`;
  console.log(failed.length === 0 ? green(`All ${number} statements hold.`) : red(verdict));
  for (const title of failed) console.log(red(`- ${title}`));
}

/** Prints a labelled paragraph, wrapped with a hanging indent. */
function printRow(label: string, text: string): void {
  const indent = 17;
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + word.length + 1 > width - indent) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  console.log(`      ${dim(label.padEnd(11))}${lines.join(`\n${' '.repeat(indent)}`)}`);
}
