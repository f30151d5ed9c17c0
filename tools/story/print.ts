import type { Chapter } from './chapters.ts';

const color = process.stdout.isTTY && !process.env['NO_COLOR'];
const paint = (code: number) => (text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
const bold = paint(1);
const dim = paint(2);
const green = paint(32);
const red = paint(31);
const width = Math.min(process.stdout.columns ?? 110, 110);

let number = 0;

export function printIntroduction(url: string): void {
  console.log(
    `\n${bold('The main job, on a local instellix')} ${dim(`(emulator at ${url}, 5 s throttle as the vendor has it)`)}\n`,
  );
}

/** A chapter and how it went. */
export type ToldChapter = { chapter: Chapter; happened: string } | { chapter: Chapter; failure: string };

export function printChapter(told: ToldChapter): void {
  const { chapter } = told;
  const isTrue = 'happened' in told;
  console.log(`${isTrue ? green('✓') : red('✗')} ${String(++number).padStart(2)}  ${bold(chapter.title)}`);
  printRow('happened', isTrue ? told.happened : red(`DOES NOT HOLD: ${told.failure}`));
  printRow('proves', chapter.proves);
  console.log();
}

export function printVerdict(failed: readonly string[]): void {
  const verdict = `${failed.length} of ${number} lines do not hold:`;
  console.log(failed.length === 0 ? green(`All ${number} lines hold.`) : red(verdict));
  for (const title of failed) console.log(red(`- ${title}`));
}

/** One labelled paragraph, wrapped with a hanging indent. */
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
