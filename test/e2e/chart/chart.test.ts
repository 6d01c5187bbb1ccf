import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/exporter/load.ts';
import { checkSchedule } from '../../../src/polling/cron.ts';
import { ciValues, configMapOf } from '../../support/chart.ts';
import { chartFolder, type Helm, mounted, unpackHelms } from '../../support/helm.ts';

let helms: readonly Helm[];
let helm: Helm;
beforeAll(() => {
  helms = unpackHelms();
  [helm] = helms as [Helm];
});

describe.each(Object.keys(ciValues))('%s', (name) => {
  test('renders the same with both majors, and names each object once', () => {
    const [four, three] = helms.map((by) => by.template(ciValues[name] ?? ''));
    expect(three).toEqual(four);
    const names = (four ?? []).map(({ kind, metadata }) => `${kind}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test('lint', () => {
    const file = join(chartFolder, `ci/${name}-values.yaml`);
    for (const by of helms) expect(by.run('lint', '--strict', chartFolder, '-f', file)).toMatchObject({ code: 0 });
  });

  test('gives the exporter a config that it accepts', async () => {
    const keys = ['public-key', 'private-key', 'client-id', 'client-secret', 'ATLAS_PUBLIC_KEY', 'ATLAS_PRIVATE_KEY'];
    using secrets = mounted(Object.fromEntries(keys.map((key) => [key, 'a'])));
    const configMap = configMapOf(helm.template(ciValues[name] ?? ''));
    if (name.startsWith('config-')) return expect(configMap).toBeUndefined();
    const yaml = configMap.data['exporter.yaml']
      .replaceAll(/\/var\/run\/secrets\/atlas|\/vault/g, secrets.folder)
      .replace('/etc/ca/', new URL('../../fixtures/tls/', import.meta.url).pathname);
    using config = mounted({ 'exporter.yaml': yaml });
    const loaded = await loadConfig({ file: join(config.folder, 'exporter.yaml'), env: {}, cwd: '/', checkSchedule });
    expect(loaded).toMatchObject({ ok: true, config: { state: { path: '/var/lib/exporter/state.db' } } });
  });
});

test('the package holds what is needed, and nothing of the tests', () => {
  for (const by of helms) {
    using folder = mounted({});
    expect(by.run('package', chartFolder, '-d', folder.folder)).toMatchObject({ code: 0 });
    const file = join(folder.folder, 'atlas-private-endpoint-exporter-0.1.0.tgz');
    expect(by.run('show', 'readme', file).output).toContain('## Upgrade');
    expect(by.run('show', 'chart', file).output).toContain('artifacthub.io/changes');
    const rendered = by.run('template', 'exporter', file, '-f', join(chartFolder, 'ci/monitoring-values.yaml'));
    expect(rendered.output).toContain('AtlasPrivateEndpointShardMissing');
    expect(by.run('template', 'exporter', file, '-f', `${file}/ci/minimal-values.yaml`).code).not.toBe(0);
  }
});

describe('values that are wrong are refused with a message that says so', () => {
  const base = { credentials: { existingSecret: 'a' }, config: { projects: [{ id: '5df264b8f10fab7d2cad2f0d' }] } };
  const withConfig = (config: object) => ({ ...base, config: { ...base.config, ...config } });
  const key = (privateKey: string) => withConfig({ credentials: { main: { digest: { publicKey: 'a', privateKey } } } });

  // The schema's: Helm 4 writes the place as `/config/poll`, Helm 3 as `config.poll`, and each has words of its own.
  test.each<[string, object, string, RegExp]>([
    ['an unknown value', { ...base, replicas: 3 }, '', /additional propert\w+ '?replicas'?.* not allowed/i],
    ['an unknown nested value', { ...base, image: { name: 'x' } }, 'image', /additional propert\w+ '?name'?/i],
    ['a bad id', withConfig({ projects: [{ id: 'payments' }] }), 'config.projects.0.id', /not match pattern.*\{24\}/],
    ['an id that is a number', withConfig({ projects: [{ id: 5 }] }), 'config.projects.0.id', /string/],
    ['no shards', { ...base, shards: 0 }, 'shards', /want 1|greater than or equal to 1/],
    ['half a shard', { ...base, shards: 1.5 }, 'shards', /integer/],
    ['a bad digest', { ...base, image: { digest: 'latest' } }, 'image.digest', /sha256/],
    [
      'a volume that many may write',
      { ...base, persistence: { accessModes: ['ReadWriteMany'] } },
      'persistence.accessModes.0',
      /one of.*ReadWriteOnce/,
    ],
    ['a size of an unknown unit', { ...base, persistence: { size: '1GB' } }, 'persistence.size', /\[EPTGMk\]/],
    ['a size of two points', { ...base, persistence: { size: '1.2.3Gi' } }, 'persistence.size', /\[EPTGMk\]/],
    [
      'more than all pods',
      { ...base, podDisruptionBudget: { maxUnavailable: '150%' } },
      'podDisruptionBudget.maxUnavailable',
      /100/,
    ],
    ['an unknown key of the config', withConfig({ poll: { shedule: '* * * * *' } }), 'config.poll', /shedule/],
    ['a duration without a unit', withConfig({ metrics: { staleAfter: 15 } }), 'config.metrics.staleAfter', /string/],
    [
      'a path of the state',
      withConfig({ state: { path: '/data' } }),
      'config.state',
      /additional propert\w+ '?path'?/i,
    ],
    ['an argument that is no flag', { ...base, extraArgs: ['debug'] }, 'extraArgs.0', /\^-/],
    ['a probe that is no map', { ...base, probes: { liveness: true } }, 'probes.liveness', /object/],
    ['a log level', { ...base, log: { level: 'loud' } }, 'log.level', /one of.*debug/],
  ])('%s', (_name, bad, place, words) => {
    for (const by of helms) {
      const said = messageOf(() => by.template(bad));
      expect(said.replaceAll('/', '.')).toContain(place);
      expect(said).toMatch(words);
    }
  });

  test.each<[string, object, RegExp]>([
    ['nothing to watch', { credentials: base.credentials }, /There is nothing to watch: set config\.projects/],
    ['no key', { config: base.config }, /There is no Atlas key: set credentials\.existingSecret/],
    [
      'half a key',
      { ...base, credentials: { type: 'serviceAccount', clientId: 'mdb_sa_id_0' } },
      /set credentials\.existingSecret to a Secret with client-id and client-secret,\nor give credentials\.clientId and/,
    ],
    [
      'a key in the config',
      key('secret-7'),
      /config\.credentials\.main\.digest\.privateKey would stand readable in a ConfigMap: put it in a Secret/,
    ],
    ['HTTPS without a web config', { ...base, webConfig: { scheme: 'HTTPS' } }, /set webConfig\.existingSecret/],
    [
      'an unknown alert',
      { ...base, prometheusRule: { enabled: true, alerts: { Nope: { for: '1m' } } } },
      /prometheusRule\.alerts\.Nope: there is no such alert/,
    ],
    [
      'an unknown threshold',
      { ...base, prometheusRule: { enabled: true, thresholds: { nope: 1 } } },
      /prometheusRule\.thresholds\.nope: there is no such threshold/,
    ],
  ])('%s', (_name, bad, message) => {
    for (const by of helms) expect(() => by.template(bad)).toThrow(message);
  });

  test('a key in the config is not repeated by what is said of it; one of the environment may stand there', () => {
    for (const by of helms) {
      expect(messageOf(() => by.template(key('secret-7')))).not.toContain('secret-7');
      expect(messageOf(() => by.template(key('${ATLAS_KEY}')))).toBe('');
    }
  });
});

/** What an action throws; nothing when it does not. */
function messageOf(action: () => unknown): string {
  try {
    action();
    return '';
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}
