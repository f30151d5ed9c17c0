/** Tells the story of the main job: real calls through the real packages, each with what happened and what it proves. */
import { chapters } from './chapters.ts';
import { printChapter, printIntroduction, printVerdict } from './print.ts';
import { openStage } from './stage.ts';

await using stage = await openStage();
printIntroduction(stage.emulator.url);

// Each chapter has a credential of its own, so all run at once; they are told in order.
const outcomes = chapters.map(async (chapter) => {
  try {
    return { chapter, happened: await chapter.run(stage) };
  } catch (error) {
    return { chapter, failure: error instanceof Error ? error.message : String(error) };
  }
});

const failed: string[] = [];
for (const outcome of outcomes) {
  const told = await outcome;
  printChapter(told);
  if ('failure' in told) failed.push(told.chapter.title);
}
printVerdict(failed);
process.exitCode = failed.length === 0 ? 0 : 1;
