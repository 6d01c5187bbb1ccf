import { expect, test } from 'vitest';
import { failureReasons } from '../../src/domain/failure.ts';
import { createExposition } from '../../src/exposition/exposition.ts';
import { createRegistry } from '../../src/telemetry/registry.ts';
import { aFailure, aSource } from '../support/builders.ts';
import { parse, select, valueIn } from '../support/exposition-parser.ts';

const options = { version: '1.2.3', revision: 'abc', nodeVersion: 'v24.0.0', droppedLogLines: () => 3 };
const exporter = 'mongodb_atlas_exporter_';
const state = { restored: true, lastSaveSuccessful: false, lastSaveAt: 5000, saveFailures: 2 };

async function shown(registry = createRegistry(options), format: 'text' | 'openmetrics' = 'text') {
  const clock = { wall: () => 0, monotonic: () => 0 };
  const exposition = createExposition({ errorMessageText: () => true, clock, yieldTurn: async () => {} });
  const exposed = { revision: 0, sources: [], projects: [], removedProjects: [], own: () => registry.own() };
  return parse(Buffer.concat(await exposition.render(exposed, format)).toString(), format);
}

test('both formats, again and again, from one registry', async () => {
  const registry = createRegistry(options);
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

test('counts polls, and shows what is read off other parts', async () => {
  const registry = createRegistry(options);
  registry.pollFinished(aSource(), { ok: false, failure: aFailure('timeout') }, 3);
  registry.pollSkipped('limited');
  registry.reloaded(false, 0);
  registry.observe({
    projects: 7,
    state,
    discovery: [{ organization: 'left', up: true, lastSuccessAt: 3000 }],
    credentials: [
      { name: 'main', type: 'digest', backoffUntil: 9000, tokenExpiresAt: null, remainingRatio: 0.25 },
      { name: 'robot', type: 'serviceAccount', backoffUntil: null, tokenExpiresAt: 8000, remainingRatio: null },
    ],
  });
  registry.observe({
    projects: 7,
    state,
    discovery: [
      { organization: 'o1', up: false, lastSuccessAt: null },
      { organization: 'o2', up: true, lastSuccessAt: 4000 },
    ],
    credentials: [{ name: 'main', type: 'digest', backoffUntil: null, tokenExpiresAt: null, remainingRatio: null }],
  });
  const families = await shown(registry);
  const value = (name: string, labels = {}) => valueIn(families, exporter + name, labels);
  expect(value('polls_total')).toBe(1);
  expect(value('poll_failures_total', { reason: 'timeout' })).toBe(1);
  expect(value('polls_skipped_total', { reason: 'limited' })).toBe(1);
  expect(value('projects')).toBe(7);
  expect(value('state_last_save_successful')).toBe(0);
  expect(value('state_last_save_timestamp_seconds')).toBe(5);
  expect(value('state_save_failures_total')).toBe(2);
  expect(value('config_last_reload_successful')).toBe(0);
  const discovery = ['discovery_up', 'discovery_last_success_timestamp_seconds'].map((name) =>
    select(families, exporter + name).map(({ labels, value }) => [labels['org_id'], value]),
  );
  expect(discovery).toEqual([
    [
      ['o1', 0],
      ['o2', 1],
    ],
    [
      ['o1', 0],
      ['o2', 4],
    ],
  ]);
  expect(value('api_backoff_until_timestamp_seconds', { credential: 'main' })).toBe(0);
  expect(select(families, `${exporter}token_expiry_timestamp_seconds`)).toEqual([]);
  expect(value('log_lines_dropped_total')).toBe(3);
});
