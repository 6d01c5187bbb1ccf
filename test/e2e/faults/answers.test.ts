import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { FailureReason } from '../../../src/domain/failure.ts';
import { effects } from '../../../src/simulator/faults.ts';
import {
  expectSurvived,
  failureOf,
  listOf,
  type Stage,
  seriesAfterRefresh,
  startStage,
  type Trouble,
  toFigure,
} from './stage.ts';

type Row = readonly [name: string, trouble: Trouble];

/** Every list of the project is answered so. */
const answered = (effect: Parameters<Stage['inject']>[0], reason: FailureReason | null): Trouble => ({
  reason,
  begin: (stage) => stage.inject(effect).end,
});

/** The wait outlasts what a poll may take by this schedule: polls fail, and ask nothing until it is over. */
const limited = (headers: Readonly<Record<string, string>> | (() => Readonly<Record<string, string>>)): Trouble => ({
  reason: 'rate_limited',
  holdsUp: true,
  begin: (stage) =>
    stage.inject(({ send }) =>
      send({
        status: 429,
        headers: { 'Content-Type': 'application/json', ...(typeof headers === 'function' ? headers() : headers) },
        body: '{"error":429,"errorCode":"RATE_LIMITED_TOKEN_BUCKET"}',
      }),
    ).end,
  seen: async ({ daemon }) => waits(await daemon.series()),
});

const waits = (series: Readonly<Record<string, number>>) =>
  (series['mongodb_atlas_exporter_api_backoff_until_timestamp_seconds{credential="digest"}'] ?? 0) > Date.now() / 1000;

/** A key that Atlas does not take for a while: the circuit opens, and one probe a minute finds that it does again. */
const refusedKey: Trouble = {
  reason: 'unauthorized',
  begin(stage) {
    const fault = stage.inject(effects.error(401, 'UNEXPECTED_ERROR'));
    return () => {
      fault.end();
      stage.pass(61_000);
    };
  },
};

const rows: readonly Row[] = [
  ['401 of a wrong key', refusedKey],
  ['401 USER_CANNOT_ACCESS_GROUP', answered(effects.error(401, 'USER_CANNOT_ACCESS_GROUP'), 'forbidden')],
  ['401 NOT_IN_GROUP', answered(effects.error(401, 'NOT_IN_GROUP'), 'project_not_found')],
  ['403 of a role', answered(effects.error(403, 'USER_UNAUTHORIZED'), 'forbidden')],
  [
    '403 IP_ADDRESS_NOT_ON_ACCESS_LIST',
    answered(effects.error(403, 'IP_ADDRESS_NOT_ON_ACCESS_LIST'), 'ip_access_list'),
  ],
  ['403 ORG_REQUIRES_ACCESS_LIST', answered(effects.error(403, 'ORG_REQUIRES_ACCESS_LIST'), 'ip_access_list')],
  ['404 of the project', answered(effects.error(404, 'GROUP_NOT_FOUND'), 'project_not_found')],
  ['406', answered(effects.error(406, 'INVALID_VERSION_DATE'), 'not_supported')],
  ['410', answered(effects.error(410, 'VERSION_GONE'), 'not_supported')],
  ['401 of a web filter', answered(effects.status(401), 'invalid_response')],
  ['403 of a web filter', answered(effects.status(403), 'invalid_response')],
  ['404 of a list', answered(effects.error(404, 'RESOURCE_NOT_FOUND'), 'not_supported')],
  ['429 with Retry-After in seconds', limited({ 'Retry-After': '3' })],
  ['429 with Retry-After as a date', limited(() => ({ 'Retry-After': new Date(Date.now() + 4_000).toUTCString() }))],
  ['429 without Retry-After', limited({})],
  ['429 with Retry-After of zero', limited({ 'Retry-After': '0' })],
  ['429 with a negative Retry-After', limited({ 'Retry-After': '-7' })],
  [
    'RateLimit-Remaining of 0 before any 429',
    {
      reason: null,
      holdsUp: true,
      begin: (stage) =>
        stage.inject(
          effects.headers({ 'Ratelimit-Limit': '100', 'Ratelimit-Remaining': '0' }),
          ({ projectId }) => projectId === stage.met.id,
        ).end,
      seen: async ({ daemon }) => waits(await daemon.series()),
    },
  ],
  ['500', answered(effects.error(500, 'UNEXPECTED_ERROR'), 'server_error')],
  ['502 in HTML', answered(effects.status(502), 'server_error')],
  ['503 in HTML', answered(effects.status(503), 'server_error')],
  ['504', answered(effects.status(504), 'server_error')],
  ['a reset before the body', answered(effects.reset(), 'network')],
  ['a reset in the body', answered(effects.resetInBody(), 'network')],
  ['headers that never come', answered(effects.silence(), 'timeout')],
  ['a body at a byte a second', answered(effects.drip(1_000), 'timeout')],
  ['a gzip bomb', answered(effects.gzipBomb(100 * 1024 * 1024), 'invalid_response')],
  [
    'an encoding that nobody knows, of a body in it',
    answered(
      effects.body((body) => Buffer.from(Buffer.from(body).map((byte) => byte ^ 0xff)), {
        'Content-Encoding': 'snappy',
      }),
      'invalid_response',
    ),
  ],
];

describe.concurrent('the app survives', () => {
  test.for(rows)('%s', async ([, trouble], { task }) => {
    await using stage = await startStage();
    Object.assign(task.meta, { figure: toFigure(await expectSurvived(stage, trouble)) });
  });

  test.for([
    ['to another host', 'http://LOCATION/'],
    ['to http', 'http://LOCATION/api/atlas/v2/groups'],
  ] as const)('a redirect %s, which it does not follow', async ([, location], { task }) => {
    let asked = 0;
    const elsewhere = createServer((_request, response) => {
      asked++;
      response.end('[]');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const { port } = elsewhere.address() as AddressInfo;
    await using stage = await startStage();
    const target = location.replace('LOCATION', `127.0.0.1:${port}`);
    const figures = await expectSurvived(
      stage,
      answered(effects.status(302, { Location: target }), 'invalid_response'),
    );
    Object.assign(task.meta, { figure: toFigure(figures) });
    expect(asked).toBe(0);
    await new Promise((resolve) => elsewhere.close(resolve));
  });

  test('a stale nonce: one silent authentication more, and no failed poll', async () => {
    await using stage = await startStage();
    const { simulator, daemon } = stage;
    simulator.forgetRequests();
    simulator.digest.forgetNonces();
    const lists = () => simulator.requests.filter((request) => listOf(stage.met)({ ...request, method: 'GET' }));
    await daemon.until('two more polls', async () => lists().length >= 2);
    expect(simulator.counts()['challenge 401']).toBe(1);
    const series = await seriesAfterRefresh(stage);
    expect(failureOf(series, stage.met)).toBeNull();
    const failures = Object.entries(series).filter(([name]) =>
      name.startsWith('mongodb_atlas_exporter_poll_failures_total'),
    );
    expect(failures.reduce((sum, [, value]) => sum + value, 0)).toBe(0);
    await stage.expectNoSecret();
  });

  test('404 of an interface endpoint that is still listed makes that one unreadable, and no poll fails', async () => {
    await using stage = await startStage();
    const { daemon, met, other } = stage;
    const unreadable = async () =>
      Object.keys(await daemon.series()).filter((name) => name.includes('interface_endpoint_unreadable{'));
    const { end } = stage.inject(
      effects.error(404, 'RESOURCE_NOT_FOUND'),
      ({ projectId, operation }) => projectId === met.id && operation === 'v2.endpoint',
    );
    await daemon.until('it is unreadable', async () => (await unreadable()).length === 1);
    expect((await unreadable())[0]).toContain(met.id);
    const series = await seriesAfterRefresh(stage);
    expect(failureOf(series, met)).toBeNull();
    expect(failureOf(series, other)).toBeNull();
    end();
    await daemon.until('it can be read again', async () => (await unreadable()).length === 0);
    await stage.expectNoSecret();
  });

  test('an interface endpoint that goes between list and detail is gone, and no poll fails', async () => {
    await using stage = await startStage();
    const { simulator, daemon, met, endpoint } = stage;
    // It goes right after the list that still names it.
    stage.inject(
      ({ answer, send }) => {
        const reply = answer();
        simulator.world.detach(endpoint);
        send(reply);
      },
      listOf(met),
      1,
    );
    const gone = 'mongodb_atlas_private_endpoint_interface_endpoint_removed_timestamp_seconds';
    const series = await daemon.until('it is gone', async () => {
      const now = await daemon.series();
      return Object.keys(now).some((name) => name.startsWith(gone)) ? now : null;
    });
    expect(failureOf(series, met)).toBeNull();
    const later = await seriesAfterRefresh(stage);
    expect(later['mongodb_atlas_exporter_poll_failures_total{reason="invalid_response"}']).toBe(0);
  });

  test('429 with a Retry-After of ten years is asked again after five minutes at the latest', async () => {
    await using stage = await startStage();
    stage.inject(effects.error(429, 'RATE_LIMITED_TOKEN_BUCKET', { 'Retry-After': '315360000' }));
    const name = 'mongodb_atlas_exporter_api_backoff_until_timestamp_seconds{credential="digest"}';
    const until = await stage.daemon.until('it waits', async () => (await stage.daemon.series())[name]);
    expect(until).toBeLessThanOrEqual(Date.now() / 1000 + 300);
  });
});
