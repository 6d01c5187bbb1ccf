/** Contradictions, each refused with a sentence by both Helms. */
import { beforeAll, describe, expect, test } from 'vitest';
import { minimalValues, objectOf, podOf } from '../../support/chart.ts';
import { type Helm, unpackHelms } from '../../support/helm.ts';

let helms: readonly Helm[];
beforeAll(() => {
  helms = unpackHelms();
});

const withPod = (more: object) => ({ ...minimalValues, ...more });

test.each<[string, object, RegExp]>([
  [
    'a timeout above the interval',
    { serviceMonitor: { enabled: true, interval: '1m30s', scrapeTimeout: '91s' } },
    /serviceMonitor\.scrapeTimeout \(91s\) is above serviceMonitor\.interval \(1m30s\)/,
  ],
  [
    'the same of a PodMonitor, in other units',
    { podMonitor: { enabled: true, interval: '500ms', scrapeTimeout: '1s' } },
    /podMonitor\.scrapeTimeout \(1s\) is above podMonitor\.interval \(500ms\)/,
  ],
  [
    'the same of probes',
    {
      reachability: { enabled: true, prober: 'blackbox:9115', interval: '10s', scrapeTimeout: '20s' },
    },
    /reachability\.scrapeTimeout \(20s\) is above reachability\.interval \(10s\)/,
  ],
  [
    'probes by nobody',
    { reachability: { enabled: true } },
    /reachability\.prober is empty: .*blackbox_exporter.*\n.*--set reachability\.prober=/,
  ],
  [
    'probes of nothing',
    {
      reachability: { enabled: true, prober: 'blackbox:9115' },
      config: { projects: [{ id: '5df264b8f10fab7d2cad2f0d' }], poll: { kinds: ['cluster'] } },
    },
    /config\.poll\.kinds leaves out the kind connection_strings: .*\n.*config\.poll\.kinds=/,
  ],
  [
    'a value of the first chart that means nothing any more',
    { prometheusRule: { targetLabels: ['pod'] } },
    /prometheusRule\.targetLabels is gone: .*exporterLabels/,
  ],
  [
    'both monitors',
    { serviceMonitor: { enabled: true }, podMonitor: { enabled: true } },
    /serviceMonitor\.enabled and podMonitor\.enabled are both true: every pod would be scraped twice/,
  ],
  [
    'one claim for several shards',
    { shards: 2, persistence: { existingClaim: 'mine' } },
    /persistence\.existingClaim is one volume, but shards is 2/,
  ],
  [
    'a claim without persistence',
    { persistence: { enabled: false, existingClaim: 'mine' } },
    /persistence\.existingClaim is set, but persistence\.enabled is false/,
  ],
  [
    'annotations of the claims',
    { persistence: { annotations: { a: 'b' } } },
    /persistence\.annotations cannot be: .*claim template.*\n.*kubectl -n default annotate pvc/,
  ],
  ['labels of the claims', { persistence: { labels: { a: 'b' } } }, /persistence\.labels cannot be: .*\n.* label pvc/],
  [
    'a config file in two places',
    { configFrom: { configMap: 'a' } },
    /config\.projects and configFrom are both set: with configFrom the whole config file is in the ConfigMap or Secret "a"/,
  ],
  ['two config files', { configFrom: { configMap: 'a', secret: 'b' } }, /configFrom\.configMap and configFrom\.secret/],
  [
    'a port of the nodes without their Service',
    { service: { nodePort: 30900 } },
    /service\.nodePort is set, but service\.type is ClusterIP/,
  ],
  ['an Ingress without a host', { ingress: { enabled: true } }, /ingress\.hosts is empty: name a host/],
  [
    'an HTTPRoute without a Gateway',
    { httpRoute: { enabled: true } },
    /httpRoute\.parentRefs is empty: name the Gateway/,
  ],
  [
    'a label that selectors need, of every object',
    { commonLabels: { 'app.kubernetes.io/component': 'metrics' } },
    /commonLabels: the chart selects its pods by the label app\.kubernetes\.io\/component, so it cannot be set to "metrics"/,
  ],
  [
    'a label that selectors need, of the pods',
    { podLabels: { 'app.kubernetes.io/name': 'mine' } },
    /podLabels: .*app\.kubernetes\.io\/name.*nameOverride/,
  ],
  [
    'memory that is no quantity',
    { resources: { limits: { memory: '1.2.3Gi' } } },
    /resources.limits.memory.* match pattern/,
  ],
  [
    'CPU of the test that is none',
    { helmTest: { resources: { requests: { cpu: '-1' } } } },
    /helmTest.resources.requests.cpu.* match pattern/,
  ],
  [
    'a bound of the autoscaler that is none',
    { verticalPodAutoscaler: { maxAllowed: { memory: '1 Gi' } } },
    /verticalPodAutoscaler.maxAllowed.memory.* match pattern/,
  ],
  ['a label that is too long for Kubernetes', { podLabels: { team: 'n'.repeat(64) } }, /podLabels.team.* 63$/m],
  ['a label with a blank', { commonLabels: { team: 'data bases' } }, /commonLabels.team.* match pattern/],
  ['a label whose name is none', { service: { labels: { 'my team': 'db' } } }, /service.labels.*my team.*not allowed/],
  [
    'the name of the pod as a variable',
    { extraEnv: [{ name: 'POD_NAME', value: 'x-0' }] },
    /extraEnv: there are two with the name "POD_NAME"/,
  ],
  [
    'a volume of ours',
    { extraVolumes: [{ name: 'state', emptyDir: {} }], persistence: { enabled: false } },
    /extraVolumes: there are two with the name "state"/,
  ],
  [
    'a folder of ours',
    { extraVolumeMounts: [{ name: 'a', mountPath: '/etc/exporter' }] },
    /extraVolumeMounts: there are two with the mountPath "\/etc\/exporter"/,
  ],
  [
    'a container of ours',
    { initContainers: [{ name: 'exporter' }] },
    /initContainers: there are two with the name "exporter"/,
  ],
  [
    'a flag of ours',
    { extraArgs: ['--log.level=debug'] },
    /extraArgs: --log\.level is the chart's to set: use the value log\.level/,
  ],
  [
    'a dashboard that is none',
    { dashboards: { enabled: true, overrides: { nope: {} } } },
    /dashboards\.overrides\.nope: there is no such dashboard; there are exporter, overview, project/,
  ],
  [
    'a line break of YAML 1.1',
    { podAnnotations: { note: 'a\u0085b' } },
    /podAnnotations\.note holds the character "\\u0085"/,
  ],
  [
    'a character that YAML forbids',
    { podAnnotations: { note: 'a\u007fb' } },
    /podAnnotations\.note holds the character|control characters are not allowed/,
  ],
  ['one in a list', { extraArgs: ['--a=\u2028'] }, /extraArgs\[0\] holds the character "\\u2028"/],
])('%s is refused', (_name, more, message) => {
  for (const helm of helms) expect(() => helm.template(withPod(more))).toThrow(message);
});

describe('what is no contradiction', () => {
  test.each<[string, object]>([
    ['a timeout as long as the interval', { serviceMonitor: { enabled: true, interval: '1m', scrapeTimeout: '60s' } }],
    ["Prometheus' own interval", { serviceMonitor: { enabled: true, interval: '', scrapeTimeout: '90s' } }],
    ['a label that selectors need, as it is', { commonLabels: { 'app.kubernetes.io/instance': 'exporter' } }],
    ['empty annotations of the claims, as the chart before had them', { persistence: { annotations: {} } }],
  ])('%s renders', (_name, more) => {
    for (const helm of helms) expect(helm.template(withPod(more)).length).toBeGreaterThan(4);
  });

  test('numbers and booleans of --set become text in labels and annotations', () => {
    for (const helm of helms) {
      const args = [
        'podAnnotations.a=1',
        'podLabels.b=true',
        'commonLabels.c=1000000',
        'nodeSelector.d=0x1f',
        'statefulSetAnnotations.e=1.50',
      ];
      const objects = helm.template(minimalValues, { args: args.flatMap((one) => ['--set', one]) });
      const set = objectOf(objects, 'StatefulSet');
      expect(set.spec.template.metadata).toMatchObject({
        annotations: { a: '1' },
        labels: { b: 'true', c: '1000000' },
      });
      expect(podOf(objects).nodeSelector).toEqual({ d: '0x1f' });
      expect(set.metadata.annotations).toEqual({ e: '1.50' });
    }
  });
});
