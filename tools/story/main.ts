/** Tells the story of the main job: real calls through the real packages, each with what happened and what it proves. */
import { type Chapter, chapters } from './chapters.ts';
import { printChapter, printIntroduction, printVerdict, type ToldChapter } from './print.ts';
import { openStage } from './stage.ts';

await using stage = await openStage();
printIntroduction(stage.emulator.url);

async function tell(chapter: Chapter): Promise<ToldChapter> {
  try {
    return { chapter, happened: await chapter.run(stage) };
  } catch (error) {
    return { chapter, failure: error instanceof Error ? error.message : String(error) };
  }
}

// Each chapter has a credential of its own, so they run side by side, and are told in order.
const outcomes: Promise<ToldChapter>[] = [];
for (const chapter of chapters) {
  const outcome = tell(chapter);
  outcomes.push(outcome);
  // A crowd keeps this process busy; chapters that watch the clock begin when it is over.
  if (chapter.isCrowded) await outcome;
}

const failed: string[] = [];
for (const outcome of outcomes) {
  const told = await outcome;
  printChapter(told);
  if ('failure' in told) failed.push(told.chapter.title);
}
printVerdict(failed);
process.exitCode = failed.length === 0 ? 0 : 1;
