import { expect, test } from 'vitest';
import { failureReasons } from '../../src/domain/failure.ts';
import { createExposition } from '../../src/exposition/exposition.ts';
import { instruments } from '../../src/metrics/instruments.ts';
import type { Observed } from '../../src/metrics/observed.ts';
import { createRegistry } from '../../src/telemetry/registry.ts';
import { aFailure, aSnapshot, aSource } from '../support/builders.ts';
import { parse, select, valueIn } from '../support/exposition-parser.ts';
import { observed } from '../support/observed.ts';

const exporter = 'mongodb_atlas_exporter_';

async function shown(registry = createRegistry(), format: 'text' | 'openmetrics' = 'text', now: Observed = observed) {
  const clock = { wall: () => 0, monotonic: () => 0 };
  const exposition = createExposition({ errorMessageText: () => true, clock, yieldTurn: async () => {} });
  const exposed = { revision: 0, sources: [], projects: [], removedProjects: [], own: () => registry.own(now) };
  return parse(Buffer.concat(await exposition.render(exposed, format)).toString(), format);
}

test('both formats, again and again, from one registry', async () => {
  const registry = createRegistry();
  registry.requests.request({ operation: 'list_connections', code: 200, seconds: 0.02 });
  for (const format of ['openmetrics', 'text', 'openmetrics', 'text'] as const) {
    const families = await shown(registry, format);
    expect(valueIn(families, `${exporter}api_requests_total`, { operation: 'list_connections', code: '200' })).toBe(1);
    expect(valueIn(families, `${exporter}api_request_duration_seconds_bucket`, { le: '0.025' })).toBe(1);
    expect(valueIn(families, `${exporter}build_info`, { version: '1.2.3' })).toBe(1);
    expect(families.some(({ name }) => name.startsWith('process_cpu'))).toBe(true);
    expect(families.some(({ name }) => /nodejs_active_\w+_total/.test(name))).toBe(false);
  }
});

test('every reason is there from 0', async () => {
  const families = await shown();
  const reasons = select(families, `${exporter}poll_failures_total`);
  expect(reasons.map(({ labels, value }) => [labels['reason'], value])).toEqual(
    failureReasons.map((reason) => [reason, 0]),
  );
  expect(select(families, `${exporter}polls_skipped_total`).map(({ labels }) => labels['reason'])).toEqual([
    'overlap',
    'limited',
  ]);
});

test('counts polls', async () => {
  const registry = createRegistry();
  registry.pollFinished(aSource(), { ok: false, failure: aFailure('timeout') }, 3);
  registry.pollSkipped('limited');
  registry.unknownStatuses('streams', 2);
  const families = await shown(registry);
  const value = (name: string, labels = {}) => valueIn(families, exporter + name, labels);
  expect(value('polls_total')).toBe(1);
  expect(value('poll_failures_total', { reason: 'timeout' })).toBe(1);
  expect(value('poll_duration_seconds_bucket', { kind: 'cluster', le: '5.0' })).toBe(1);
  expect(value('polls_skipped_total', { reason: 'limited' })).toBe(1);
  expect(value('unknown_statuses_total', { kind: 'streams' })).toBe(2);
});

test('an instrument that is read off shows what was read at this scrape, and nothing of the one before', async () => {
  const registry = createRegistry();
  const [robot] = observed.credentials;
  expect(select(await shown(registry), `${exporter}token_expiry_timestamp_seconds`)).toHaveLength(1);
  const later = { ...observed, credentials: [{ ...robot, name: 'main', type: 'digest' as const }], projects: 8 };
  const families = await shown(registry, 'text', later);
  expect(select(families, `${exporter}token_expiry_timestamp_seconds`)).toEqual([]);
  expect(select(families, `${exporter}api_backoff_until_timestamp_seconds`)).toMatchObject([
    { labels: { credential: 'main' } },
  ]);
  expect(valueIn(families, `${exporter}projects`)).toBe(8);
});

test('every family of the catalogue is there, in its order', async () => {
  const registry = createRegistry();
  registry.requests.request({ operation: 'list_connections', code: 200, seconds: 0.02 });
  registry.pollFinished(aSource(), { ok: true, reading: aSnapshot([]) }, 1);
  const own = await registry.own(observed);
  const names = Object.values(instruments).map(({ name }) => name);
  expect(
    own
      .filter(({ samples }) => samples.length > 0)
      .map(({ name }) => name)
      .slice(0, names.length),
  ).toEqual(names);
});
