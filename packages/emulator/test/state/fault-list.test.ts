import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FaultList } from '../../src/state/fault-list.ts';

const subject = { endpoint: 'token', method: 'POST', path: '/local/oauth2/token', clientId: undefined };

test('overlapping faults respect nth and times, and hit each request once', () => {
  const counting = fc.record(
    { nth: fc.integer({ min: 1, max: 6 }), times: fc.integer({ min: 1, max: 4 }) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(counting, { maxLength: 4 }), fc.integer({ min: 0, max: 20 }), (options, requests) => {
      const list = new FaultList();
      const faults = options.map((option, index) => ({ on: 'token', delayMs: index, ...option }) as const);
      const handles = faults.map((fault) => list.add(fault));
      const hits = faults.map(() => 0);
      for (let request = 1; request <= requests; request += 1) {
        const due = handles.findIndex(({ fault: { nth = 1, times = Number.POSITIVE_INFINITY } }, index) => {
          return request >= nth && (hits[index] ?? 0) < times;
        });
        if (due >= 0) hits[due] = (hits[due] ?? 0) + 1;
        expect(list.take(subject)?.delayMs).toBe(due < 0 ? undefined : due);
      }
      expect(handles.map((handle) => handle.hits)).toEqual(hits);
    }),
  );
});
