import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { folder, run } from '../run.ts';
import { faults } from './faults.ts';

interface Report {
  readonly passed: boolean;
  readonly steps: {
    readonly step: string;
    readonly status: string;
    readonly verdict: string;
    readonly remedy?: string;
  }[];
}

const schema = JSON.parse(readFileSync(new URL('../../doctor.schema.json', import.meta.url), 'utf8'));
const isReport = new Ajv2020().compile<Report>(schema);
const rows: string[] = [];

describe('the doctor detects', () => {
  test.each(faults)('$title', async ({ title, step, isAdvice = false, prepare }) => {
    const { env, args = [] } = await prepare();
    const { status, stdout, stderr } = await run(['doctor', '--json', ...args], { env });
    expect(stderr).not.toContain('instellix:');
    expect(stdout).not.toContain('planted');
    const report: unknown = JSON.parse(stdout);
    if (!isReport(report)) throw new Error(JSON.stringify(isReport.errors));
    const found = report.steps.find((each) => each.step === step);
    expect(found).toMatchObject({ status: isAdvice ? 'passed' : 'failed', remedy: expect.any(String) });
    const [failure] = report.steps.filter((each) => each.status === 'failed');
    expect(failure?.step).toBe(isAdvice ? undefined : step);
    expect([status, report.passed]).toEqual(isAdvice ? [0, true] : [1, false]);
    rows.push(`| ${[title, step, found?.verdict, found?.remedy].map((cell) => toCell(String(cell))).join(' | ')} |`);
  });

  test('these faults, which docs/doctor.md lists with verdict and remedy (update it with `vitest -u`)', async () => {
    const path = fileURLToPath(new URL('../../../../docs/doctor.md', import.meta.url));
    const [before = '', after = ''] = readFileSync(path, 'utf8').split(
      /(?<=<!-- faults -->\n)[\s\S]*(?=<!-- end of faults -->)/,
    );
    const table = ['| fault | step | verdict | remedy |', '|---|---|---|---|', ...rows].join('\n');
    await expect(`${before}\n${table}\n\n${after}`).toMatchFileSnapshot(path);
  });
});

/** What differs from run to run is replaced. */
function toCell(text: string): string {
  return text
    .replaceAll(folder, '/…')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:8443')
    .replace(/until \d{4}-\d\d-\d\d/, 'until 2027-01-01')
    .replace('EAI_AGAIN', 'ENOTFOUND')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('|', '\\|');
}
