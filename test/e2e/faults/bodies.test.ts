import { describe, expect, test } from 'vitest';
import type { FailureReason } from '../../../src/domain/failure.ts';
import { effects } from '../../../src/simulator/faults.ts';
import { select } from '../../support/exposition-parser.ts';
import { expectSurvived, failureOf, seriesAfterRefresh, startStage, toFigure } from './stage.ts';

type Change = (body: string) => string | Buffer;

/** The list with its one connection changed. */
const changed =
  (change: (connection: Record<string, unknown>) => unknown): Change =>
  (body) =>
    JSON.stringify((JSON.parse(body) as Record<string, unknown>[]).map(change));

const without = (key: string) =>
  changed((connection) => Object.fromEntries(Object.entries(connection).filter(([name]) => name !== key)));
const withValue = (key: string, value: unknown) => changed((connection) => ({ ...connection, [key]: value }));
/** Text instead of a value: JSON that JSON.stringify would not write. */
const withText =
  (from: string | RegExp, to: string): Change =>
  (body) =>
    body.replace(from, to);

const bad = 'invalid_response';
const rows: readonly (readonly [name: string, change: Change, reason: FailureReason | null])[] = [
  ['200 with HTML', () => '<html><body>Welcome to the portal</body></html>', bad],
  ['nothing', () => '', bad],
  ['half of it', (body) => body.slice(0, body.length / 2), bad],
  ['trailing garbage', (body) => `${body}]`, bad],
  ['two answers in one', (body) => body + body, bad],
  ['a byte order mark', (body) => `\uFEFF${body}`, null],
  [
    'invalid UTF-8',
    (body) => Buffer.concat([Buffer.from(body.slice(0, 20)), Buffer.from([0xff, 0xfe]), Buffer.from(body.slice(20))]),
    bad,
  ],
  ['50 MB', () => Buffer.alloc(50 * 1024 * 1024, '[[],'), bad],
  ['a million elements', () => `[${'{},'.repeat(1_000_000)}{}]`, bad],
  ['nesting 100,000 deep', () => `${'['.repeat(100_000)}${']'.repeat(100_000)}`, bad],
  ['a key twice, the right value last', withText('"status":', '"status":"FAILED","status":'), null],
  [
    'keys of prototypes',
    withText('{', '{"__proto__":{"status":"FAILED","polluted":1},"constructor":{"prototype":{}},'),
    null,
  ],
  ['a huge number where nobody looks', withText('{', `{"new":1${'0'.repeat(400)},`), null],
  ['a status in lower case', withText('"AVAILABLE"', '"available"'), null],
  ['an id of null', withValue('id', null), bad],
  ['no id', without('id'), bad],
  ['an object for a list', (body) => `{"results":${body}}`, bad],
  ['null for a list', () => 'null', bad],
  ['a string in the list', () => '["AVAILABLE"]', bad],
  ['an id twice', (body) => body.replace(/^\[(.*)\]$/s, '[$1,$1]'), bad],
];

/** Changes that make one connection unreadable, and nothing beside it. */
const oddElements: readonly (readonly [name: string, change: Change])[] = [
  ['a huge number for a status', withText('"AVAILABLE"', `1${'0'.repeat(400)}`)],
  ['a status of null', withValue('status', null)],
  ['no status', without('status')],
  ['interface endpoints of null', withValue('interfaceEndpoints', null)],
  ['no interface endpoints', without('interfaceEndpoints')],
  ['an interface endpoint of null', withValue('interfaceEndpoints', [null])],
  ['a number for an error message', withValue('errorMessage', 7)],
  ['an object for a service name', withValue('endpointServiceName', {})],
];

describe.concurrent('the app survives a body that is', () => {
  test.for(oddElements)('%s, by which that connection alone is unreadable', async ([, change]) => {
    await using stage = await startStage();
    const { daemon, met, other } = stage;
    const unreadable = async () =>
      Object.keys(await daemon.series()).filter((name) => name.includes('connection_unreadable{'));
    const { end } = stage.inject(effects.body(change));
    await daemon.until('it is unreadable', async () => (await unreadable()).length === 1);
    expect((await unreadable())[0]).toContain(met.id);
    const series = await seriesAfterRefresh(stage);
    expect(failureOf(series, met)).toBeNull();
    expect(failureOf(series, other)).toBeNull();
    end();
    await daemon.until('it can be read again', async () => (await unreadable()).length === 0);
    const { changes } = (await (await daemon.get('/api/v1/changes')).json()) as { changes: unknown[] };
    expect(changes).toEqual([]);
    await stage.expectNoSecret();
  });

  test.for(rows)('%s', async ([, change, reason], { task }) => {
    await using stage = await startStage();
    const figures = await expectSurvived(stage, { reason, begin: () => stage.inject(effects.body(change)).end });
    Object.assign(task.meta, { figure: toFigure(figures) });
  });

  test('under a wrong content type', async ({ task }) => {
    await using stage = await startStage();
    const effect = effects.headers({ 'Content-Type': 'image/png' });
    const figures = await expectSurvived(stage, { reason: null, begin: () => stage.inject(effect).end });
    Object.assign(task.meta, { figure: toFigure(figures) });
  });
});

describe.concurrent('what it reads', () => {
  test.for([
    ['errorMessage', null],
    ['endpointServiceName', ''],
  ] as const)('%s that is null or missing is the same, and no change', async ([key, shown]) => {
    await using stage = await startStage();
    const { daemon, met } = stage;
    const api = async () => {
      const answer = await daemon.get(`/api/v1/connections?atlas_project_id=${met.id}`);
      return ((await answer.json()) as { connections: unknown[] }).connections;
    };
    const nulled = stage.inject(effects.body(withValue(key, null)));
    const name = key === 'errorMessage' ? 'error_message' : 'endpoint_service_name';
    await daemon.until('it is null', async () => {
      const [connection] = (await api()) as Record<string, unknown>[];
      return connection?.[name] === shown;
    });
    const { changes } = (await (await daemon.get('/api/v1/changes')).json()) as { changes: unknown[] };
    const missing = stage.inject(effects.body(without(key)));
    await daemon.until('it is missing, twice', async () => missing.met >= 2);
    const after = (await (await daemon.get('/api/v1/changes')).json()) as { changes: unknown[] };
    expect(after.changes).toEqual(changes);
    expect(failureOf(await daemon.series(), met)).toBeNull();
    nulled.end();
  });

  test('an unknown status alone is no failed poll: OTHER in metrics, as it is in the log of changes', async () => {
    await using stage = await startStage();
    const { daemon, met } = stage;
    const fault = stage.inject(effects.body(withValue('status', 'MELTING')));
    const other = 'mongodb_atlas_private_endpoint_connection_status{';
    const series = await daemon.until('OTHER', async () => {
      const now = await daemon.series();
      return Object.entries(now).some(
        ([name, value]) => name.startsWith(other) && name.includes('"OTHER"') && value === 1,
      )
        ? now
        : null;
    });
    expect(failureOf(series, met)).toBeNull();
    const later = await seriesAfterRefresh(stage);
    expect(later['mongodb_atlas_exporter_unknown_statuses_total{kind="cluster"}']).toBe(1);
    fault.end();
    await daemon.until('both changes', async () => {
      const { changes } = (await (await daemon.get('/api/v1/changes')).json()) as { changes: { to: string }[] };
      return changes.map(({ to }) => to).join() === 'MELTING,AVAILABLE';
    });
  });

  test('label text of every awkward sort stays one label in a page that parsers read', async () => {
    await using stage = await startStage();
    const { daemon, simulator, met } = stage;
    const texts = [
      'a\nb',
      'a\rb',
      'a"b',
      'a\\b',
      'nul\u0000',
      'line\u2028end',
      'lone \ud800',
      'end \udfff',
      'x'.repeat(16_384),
    ];
    const forged = '"} 1\nmongodb_atlas_private_endpoint_connections_removed_total{kind="cluster"} 99';
    const all = [...texts, forged];
    simulator.world.setRegionalMode(met, true);
    for (const text of all) simulator.world.addConnection(met, { errorMessage: text });
    await daemon.until('all of them', async () => {
      const answer = await daemon.get('/api/v1/connections');
      const { connections } = (await answer.json()) as { connections: { error_message: string | null }[] };
      return all.every((text) => connections.some(({ error_message }) => error_message === text));
    });
    for (const format of ['text', 'openmetrics'] as const) {
      const families = await daemon.metrics(format);
      const shown = select(families, 'mongodb_atlas_private_endpoint_connection_error_info');
      expect(shown).toHaveLength(all.length + 1);
      // Cut at 300 code points, and a few more for what cannot be written.
      for (const { labels } of shown) expect([...(labels['error_message'] ?? '')].length).toBeLessThanOrEqual(305);
    }
    expect(Object.values(await daemon.series())).not.toContain(99);
    await stage.expectNoSecret();
  });
});
