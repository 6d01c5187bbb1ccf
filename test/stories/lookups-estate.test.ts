/** Look-ups of 10,000 projects: hours of them, with the table of look-ups and buckets that are filled up as Atlas fills its own. */
import { afterEach, expect, test, vi } from 'vitest';
import { lookups as rows } from '../../src/atlas/lists/lookups.ts';
import { createLookups } from '../../src/polling/lookups.ts';
import { createBuckets } from '../../src/simulator/access/buckets.ts';
import { aFailure, aSource } from '../support/builders.ts';
import { fakeTime } from '../support/clock.ts';

afterEach(() => vi.useRealTimers());

const projects = 10_000;
const hours = 2;
const hourMs = 3_600_000;
const answerMs = 250;

test('10,000 projects with all look-ups stay within their limits, and each is asked once an hour', async () => {
  const clock = fakeTime();
  const buckets = createBuckets(clock.wall);
  const requests = new Map<string, number[]>();
  const askedOf = new Map<string, number>();
  let [inFlight, most, refused, low] = [0, 0, 0, 1];
  const send = (operation: string, bucket: string, scope: string) => {
    const at = requests.get(operation) ?? [];
    requests.set(operation, at);
    at.push(clock.monotonic());
    const taken = buckets.take(bucket, scope);
    if ('retrySeconds' in taken) refused += 1;
    else low = Math.min(low, taken.remaining / taken.capacity);
  };
  await using lookups = createLookups({
    clock,
    rows,
    async fetch({ lookup, subject, projectId }) {
      most = Math.max(most, ++inFlight);
      askedOf.set(`${lookup} ${subject}`, (askedOf.get(`${lookup} ${subject}`) ?? 0) + 1);
      if (lookup === 'names')
        for (let page = 0; page <= projects / 500; page++) send('list_projects', 'groups', 'robot');
      if (lookup === 'regional_mode') send('get_regional_mode', 'privateEndpoint', projectId);
      if (lookup === 'limits') send('list_limits', 'limits', projectId);
      if (lookup === 'secret_expiry') send('get_service_account', 'serviceAccounts', 'org');
      if (lookup === 'audit_log') send('list_events', 'events', projectId);
      await new Promise((resolve) => setTimeout(resolve, answerMs));
      inFlight -= 1;
      return {};
    },
    failureOf: () => aFailure('internal'),
    learned() {},
    credentials: () => [{ name: 'robot', type: 'serviceAccount', secrets: 1 }],
    tell: { failed() {}, recovered() {} },
  });
  const ids = Array.from({ length: projects }, (_, n) => n.toString(16).padStart(24, '0'));
  lookups.configure(
    ids.map((projectId) => aSource({ projectId, credential: 'robot' })),
    () => false,
  );
  // One project in a hundred changes each hour.
  for (let hour = 0; hour < hours; hour++) {
    for (const id of ids.slice(hour * 100, hour * 100 + 100)) void lookups.askAfterChange(id, 0);
    await vi.advanceTimersByTimeAsync(hourMs);
  }
  const perHour = Object.fromEntries(
    [...requests].map(([operation, at]) => [operation, Math.max(...countsBy(at, hourMs))]).toSorted(),
  );
  const busiest = Math.max(...countsBy([...requests.values()].flat(), 1_000));
  console.info(`Look-ups of ${projects} projects, requests in the busiest hour: ${JSON.stringify(perHour)}`);
  console.info(
    `In the busiest second: ${busiest}; at once: ${most}; least left of a limit: ${Math.round(low * 100)} %`,
  );
  expect(perHour).toEqual({
    get_regional_mode: projects,
    get_service_account: 1,
    list_events: 100,
    list_limits: projects,
    list_projects: 21,
  });
  expect(refused).toBe(0);
  expect(low).toBeGreaterThan(0.9);
  expect(most).toBeLessThanOrEqual(4);
  expect(busiest).toBeLessThanOrEqual(10 + 21);
  const hourly = [...askedOf].filter(([question]) => /^(?:regional_mode|limits) /.test(question));
  expect(hourly.length).toBe(2 * projects);
  expect(Math.min(...hourly.map(([, times]) => times))).toBeGreaterThanOrEqual(hours - 1);
}, 120_000);

/** How many moments fall into each stretch of time. */
function countsBy(moments: readonly number[], stretchMs: number): readonly number[] {
  return [...Map.groupBy(moments, (at) => Math.floor(at / stretchMs)).values()].map((all) => all.length);
}
