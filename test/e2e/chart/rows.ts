/**
 * What users of such charts expect, a row each: the values that turn it on, the ci values file that does, and the field of
 * a rendered object that shows it. `npm run chart` writes the table of the chart's README from here; rows.test.ts reads
 * the fields.
 */
export interface Row {
  readonly feature: string;
  /** Paths in values.yaml, as in `service.nodePort`. */
  readonly values: readonly string[];
  /** The name of a file `ci/<name>-values.yaml`. */
  readonly ci: string;
  /** Kind of the object, and the suffix of its name where there are several of the kind. */
  readonly object: string;
  /** Path in the object, with numbers for places in a list; a key that holds dots is in quotes. */
  readonly field: string;
  /** What the ci values make of it, as `toEqual` compares it. */
  readonly gives: unknown;
}

const row = (feature: string, values: string, ci: string, object: string, field: string, gives: unknown): Row => ({
  feature,
  values: values.split(' '),
  ci,
  object,
  field,
  gives,
});

const name = 'exporter-atlas-private-endpoint-exporter';
const container = 'spec.template.spec.containers.0';
const pod = 'spec.template.spec';
const probe = 'endpoints.0';

export const rows: readonly Row[] = [
  // Names, namespaces and labels.
  row(
    'Another name in labels',
    'nameOverride',
    'names',
    'StatefulSet',
    'spec.selector.matchLabels."app.kubernetes.io/name"',
    'atlas',
  ),
  row('Other names of objects', 'fullnameOverride', 'names', 'StatefulSet', 'metadata.name', 'atlas-endpoints'),
  row(
    'Another namespace for everything',
    'namespaceOverride',
    'namespaces',
    'StatefulSet',
    'metadata.namespace',
    'exporters',
  ),
  row(
    'A namespace for the ServiceMonitor',
    'serviceMonitor.namespace',
    'namespaces',
    'ServiceMonitor',
    'metadata.namespace',
    'monitoring',
  ),
  row(
    'which still looks into ours',
    'namespaceOverride serviceMonitor.namespace',
    'namespaces',
    'ServiceMonitor',
    'spec.namespaceSelector.matchNames',
    ['exporters'],
  ),
  row(
    'A namespace for the PodMonitor',
    'podMonitor.namespace',
    'pod-monitor',
    'PodMonitor',
    'metadata.namespace',
    'monitoring',
  ),
  row(
    'A namespace for the rules',
    'prometheusRule.namespace',
    'namespaces',
    'PrometheusRule',
    'metadata.namespace',
    'monitoring',
  ),
  row(
    'A namespace for the dashboards',
    'dashboards.namespace',
    'namespaces',
    'ConfigMap -overview',
    'metadata.namespace',
    'grafana',
  ),
  row('Labels of every object', 'commonLabels', 'labels', 'NetworkPolicy', 'metadata.labels.team', 'db'),
  row('a number in them becomes text', 'commonLabels', 'labels', 'ConfigMap', 'metadata.labels.tier', '1'),
  row('never of the claims', 'commonLabels', 'labels', 'StatefulSet', 'spec.volumeClaimTemplates.0.metadata', {
    name: 'state',
  }),
  row(
    'Labels of one object win over them',
    'serviceMonitor.labels commonLabels',
    'labels',
    'ServiceMonitor',
    'metadata.labels.team',
    'observability',
  ),
  row('Annotations of the StatefulSet', 'statefulSetAnnotations', 'labels', 'StatefulSet', 'metadata.annotations', {
    'reloader.stakater.com/auto': 'true',
  }),
  row(
    'Annotations of the pods',
    'podAnnotations',
    'labels',
    'StatefulSet',
    'spec.template.metadata.annotations."cluster-autoscaler.kubernetes.io/safe-to-evict"',
    'true',
  ),
  row('Labels of the pods', 'podLabels', 'labels', 'StatefulSet', 'spec.template.metadata.labels.cost-center', '4711'),

  // Image, config and keys.
  row(
    'One registry for all charts',
    'global.imageRegistry image.repository image.digest',
    'image',
    'StatefulSet',
    `${container}.image`,
    'registry.example/team/exporter@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  ),
  row(
    'Pull Secrets for all charts, and of this one',
    'global.imagePullSecrets image.pullSecrets',
    'image',
    'StatefulSet',
    `${pod}.imagePullSecrets`,
    [{ name: 'all' }, { name: 'registry' }],
  ),
  row(
    'The config file in a ConfigMap of your own',
    'configFrom.configMap configFrom.key',
    'config-map',
    'StatefulSet',
    `${pod}.volumes.0.configMap`,
    { name: 'exporter-config', items: [{ key: 'atlas.yaml', path: 'exporter.yaml' }] },
  ),
  row(
    'The config file in a Secret of your own',
    'configFrom.secret',
    'config-secret',
    'StatefulSet',
    `${pod}.volumes.0.secret.secretName`,
    'exporter-config',
  ),
  row(
    'Key names in the Secret',
    'credentials.keys',
    'secret-keys',
    'ConfigMap',
    'data."exporter.yaml"',
    expectText('publicKeyFile: /var/run/secrets/atlas/ATLAS_PUBLIC_KEY'),
  ),

  // State.
  row('A claim of your own', 'persistence.existingClaim', 'existing-claim', 'StatefulSet', `${pod}.volumes.2`, {
    name: 'state',
    persistentVolumeClaim: { claimName: 'exporter-state' },
  }),
  row(
    'and no claim template then',
    'persistence.existingClaim',
    'existing-claim',
    'StatefulSet',
    'spec.volumeClaimTemplates',
    undefined,
  ),
  row(
    'A storage class',
    'persistence.storageClass',
    'claim',
    'StatefulSet',
    'spec.volumeClaimTemplates.0.spec.storageClassName',
    'fast',
  ),
  row(
    'No storage class',
    'persistence.storageClass',
    'no-class',
    'StatefulSet',
    'spec.volumeClaimTemplates.0.spec.storageClassName',
    '',
  ),

  // Services and the page.
  row('A port of the nodes', 'service.nodePort service.type', 'service', 'Service', 'spec.ports.0.nodePort', 30900),
  row('The protocol of the port', 'service.appProtocol', 'service', 'Service', 'spec.ports.0.appProtocol', 'http'),
  row(
    'The address of a load balancer',
    'service.loadBalancerIP',
    'load-balancer',
    'Service',
    'spec.loadBalancerIP',
    '192.0.2.1',
  ),
  row(
    'The class of a load balancer',
    'service.loadBalancerClass',
    'load-balancer',
    'Service',
    'spec.loadBalancerClass',
    'service.k8s.aws/nlb',
  ),
  row(
    'Who may come to a load balancer',
    'service.loadBalancerSourceRanges',
    'load-balancer',
    'Service',
    'spec.loadBalancerSourceRanges',
    ['10.0.0.0/8'],
  ),
  row(
    'No ports of the nodes behind it',
    'service.allocateLoadBalancerNodePorts',
    'load-balancer',
    'Service',
    'spec.allocateLoadBalancerNodePorts',
    false,
  ),
  row(
    'The traffic policy',
    'service.externalTrafficPolicy',
    'load-balancer',
    'Service',
    'spec.externalTrafficPolicy',
    'Local',
  ),
  row('IPv6, or both families', 'service.ipFamilyPolicy service.ipFamilies', 'ipv6', 'Service', 'spec.ipFamilies', [
    'IPv6',
  ]),
  row(
    'of the headless Service too',
    'service.ipFamilyPolicy service.ipFamilies',
    'ipv6',
    'Service -pods',
    'spec.ipFamilyPolicy',
    'SingleStack',
  ),
  row('Ingress', 'ingress.enabled ingress.hosts', 'ingress', 'Ingress', 'spec.rules.0', {
    host: 'exporter.example',
    http: { paths: [{ path: '/atlas', pathType: 'Exact', backend: { service: { name, port: { name: 'metrics' } } } }] },
  }),
  row('its class', 'ingress.className', 'ingress', 'Ingress', 'spec.ingressClassName', 'nginx'),
  row('its certificates', 'ingress.tls', 'ingress', 'Ingress', 'spec.tls', [
    { secretName: 'exporter-tls', hosts: ['exporter.example'] },
  ]),
  row('its annotations, numbers as text', 'ingress.annotations', 'ingress', 'Ingress', 'metadata.annotations', {
    'nginx.ingress.kubernetes.io/proxy-read-timeout': '60',
  }),
  row('HTTPRoute', 'httpRoute.enabled httpRoute.parentRefs', 'http-route', 'HTTPRoute', 'spec.parentRefs', [
    { name: 'gateway', namespace: 'ingress' },
  ]),
  row(
    'its rules lead to the Service',
    'httpRoute.enabled httpRoute.parentRefs',
    'http-route',
    'HTTPRoute',
    'spec.rules.0.backendRefs',
    [{ name, port: 27900 }],
  ),
  row('its rules', 'httpRoute.rules', 'http-route', 'HTTPRoute', 'spec.rules.0.matches', [
    { path: { type: 'PathPrefix', value: '/atlas' } },
  ]),
  row(
    'DNS of OpenShift in the NetworkPolicy',
    'networkPolicy.enabled',
    'openshift',
    'NetworkPolicy',
    'spec.egress.0.ports.2',
    { port: 5353, protocol: 'UDP' },
  ),

  row(
    'The lists of what to probe, one of each shard',
    'reachability.enabled shards webConfig.scheme',
    'reachability',
    'ScrapeConfig -reachability-tls',
    'spec.httpSDConfigs.2.url',
    `https://${name}-2.${name}-pods.default.svc:27900/api/v1/targets`,
  ),
  row(
    'how it is tried: TCP',
    'reachability.enabled',
    'reachability',
    'ScrapeConfig -reachability-tcp',
    'spec.params.module',
    ['tcp'],
  ),
  row('and TLS', 'reachability.enabled', 'reachability', 'ScrapeConfig -reachability-tls', 'spec.params.module', [
    'tcp_tls',
  ]),
  row('by whom', 'reachability.prober', 'reachability', 'ScrapeConfig -reachability-tcp', 'spec.relabelings.2', {
    targetLabel: 'prober',
    replacement: 'blackbox.apps.svc:9115',
  }),
  row(
    'in which namespace',
    'reachability.namespace',
    'reachability',
    'ScrapeConfig -reachability-tcp',
    'metadata.namespace',
    'monitoring',
  ),
  row(
    'with which labels',
    'reachability.labels',
    'reachability',
    'ScrapeConfig -reachability-tcp',
    'metadata.labels.release',
    'prometheus',
  ),
  row(
    'how often',
    'reachability.interval',
    'reachability',
    'ScrapeConfig -reachability-tls',
    'spec.scrapeInterval',
    '1m',
  ),
  row(
    'how long',
    'reachability.scrapeTimeout',
    'reachability',
    'ScrapeConfig -reachability-tls',
    'spec.scrapeTimeout',
    '20s',
  ),
  row(
    'how often the lists are read',
    'reachability.refreshInterval',
    'reachability',
    'ScrapeConfig -reachability-tls',
    'spec.httpSDConfigs.0.refreshInterval',
    '45s',
  ),
  row(
    'an exporter with a certificate',
    'reachability.tlsConfig',
    'reachability',
    'ScrapeConfig -reachability-tcp',
    'spec.httpSDConfigs.0.tlsConfig.serverName',
    'exporter',
  ),
  row(
    'and passwords',
    'reachability.basicAuth',
    'reachability',
    'ScrapeConfig -reachability-tcp',
    'spec.httpSDConfigs.1.basicAuth.username.name',
    'scrape',
  ),
  row(
    'labels of its targets',
    'reachability.relabelings',
    'reachability',
    'ScrapeConfig -reachability-tcp',
    'spec.relabelings.4.targetLabel',
    'network',
  ),
  row(
    'and samples',
    'reachability.metricRelabelings',
    'reachability',
    'ScrapeConfig -reachability-tls',
    'spec.metricRelabelings.0.action',
    'drop',
  ),

  // Monitors.
  ...(['ServiceMonitor', 'PodMonitor'] as const).flatMap((kind) => {
    const value = kind === 'ServiceMonitor' ? 'serviceMonitor' : 'podMonitor';
    const ci = kind === 'ServiceMonitor' ? 'monitoring' : 'pod-monitor';
    const endpoint = kind === 'ServiceMonitor' ? probe : 'podMetricsEndpoints.0';
    return [
      row(`${kind}: labels`, `${value}.labels`, ci, kind, 'metadata.labels.release', 'prometheus'),
      row(`${kind}: name of the job`, `${value}.jobLabel`, ci, kind, 'spec.jobLabel', 'app.kubernetes.io/instance'),
      row(
        `${kind}: labels of the pod`,
        `${value}.podTargetLabels`,
        ci,
        kind,
        'spec.podTargetLabels',
        kind === 'ServiceMonitor' ? ['apps.kubernetes.io/pod-index'] : ['app.kubernetes.io/name'],
      ),
      row(`${kind}: whose labels win`, `${value}.honorLabels`, ci, kind, `spec.${endpoint}.honorLabels`, true),
      ...Object.entries({
        sampleLimit: 100_000,
        targetLimit: 100,
        labelLimit: 30,
        labelNameLengthLimit: 100,
        labelValueLengthLimit: 4096,
        bodySizeLimit: '100MB',
        keepDroppedTargets: 10,
      }).map(([limit, gives]) => row(`${kind}: ${limit}`, `${value}.${limit}`, ci, kind, `spec.${limit}`, gives)),
      row(`${kind}: relabelings`, `${value}.relabelings`, ci, kind, `spec.${endpoint}.relabelings`, [
        { targetLabel: 'team', replacement: 'db' },
      ]),
    ];
  }),
  row(
    'ServiceMonitor: labels of the Service',
    'serviceMonitor.targetLabels',
    'monitoring',
    'ServiceMonitor',
    'spec.targetLabels',
    ['app.kubernetes.io/name'],
  ),
  row(
    'An interval of two units',
    'serviceMonitor.interval',
    'monitoring',
    'ServiceMonitor',
    `spec.${probe}.interval`,
    '1m30s',
  ),
  row(
    "Prometheus' own timeout",
    'serviceMonitor.scrapeTimeout',
    'monitoring',
    'ServiceMonitor',
    `spec.${probe}.scrapeTimeout`,
    undefined,
  ),

  // Rules and dashboards.
  row(
    'How often rules are evaluated',
    'prometheusRule.interval',
    'monitoring',
    'PrometheusRule',
    'spec.groups.-1.interval',
    '45s',
  ),
  row(
    'Rule groups of your own',
    'prometheusRule.additionalGroups',
    'monitoring',
    'PrometheusRule',
    'spec.groups.0.name',
    'mine',
  ),
  row(
    'keep_firing_for of every alert, and of one',
    'prometheusRule.keepFiringFor prometheusRule.alerts',
    'monitoring',
    'PrometheusRule',
    'spec.groups',
    expectText('"keep_firing_for":"3m"', '"keep_firing_for":"7m"'),
  ),
  row(
    'Labels and annotations of one dashboard',
    'dashboards.overrides',
    'dashboards',
    'ConfigMap -overview',
    'metadata.labels.home',
    'true',
  ),
  row('One dashboard left out', 'dashboards.overrides', 'dashboards', 'ConfigMap -exporter', '', undefined),
  row('GrafanaDashboard', 'dashboards.grafanaOperator', 'dashboards', 'GrafanaDashboard -overview', 'spec', {
    instanceSelector: { matchLabels: { dashboards: 'main' } },
    allowCrossNamespaceImport: false,
    folder: 'Databases',
    resyncPeriod: '10m',
    configMapRef: { name: `${name}-overview`, key: 'atlas-private-endpoint-exporter-overview.json' },
  }),

  // The workload.
  row('How pods are replaced', 'updateStrategy', 'workload', 'StatefulSet', 'spec.updateStrategy', {
    type: 'RollingUpdate',
    rollingUpdate: { partition: 0 },
  }),
  row('Time between two of them', 'minReadySeconds', 'workload', 'StatefulSet', 'spec.minReadySeconds', 10),
  row('Revisions kept', 'revisionHistoryLimit', 'workload', 'StatefulSet', 'spec.revisionHistoryLimit', 3),
  row(
    'A token in the pods',
    'automountServiceAccountToken',
    'workload',
    'StatefulSet',
    `${pod}.automountServiceAccountToken`,
    true,
  ),
  row('Network of the node', 'hostNetwork', 'host-network', 'StatefulSet', `${pod}.hostNetwork`, true),
  row('and its DNS', 'hostNetwork', 'host-network', 'StatefulSet', `${pod}.dnsPolicy`, 'ClusterFirstWithHostNet'),
  row('DNS policy', 'dnsPolicy', 'workload', 'StatefulSet', `${pod}.dnsPolicy`, 'None'),
  row('DNS settings', 'dnsConfig', 'workload', 'StatefulSet', `${pod}.dnsConfig.nameservers`, ['10.0.0.10']),
  row('Host aliases', 'hostAliases', 'workload', 'StatefulSet', `${pod}.hostAliases`, [
    { ip: '10.0.0.1', hostnames: ['proxy'] },
  ]),
  row('Init containers', 'initContainers', 'workload', 'StatefulSet', `${pod}.initContainers.0.name`, 'wait'),
  row('Variables of a Secret or ConfigMap', 'extraEnvFrom', 'workload', 'StatefulSet', `${container}.envFrom`, [
    { secretRef: { name: 'proxy' } },
  ]),
  row(
    'Hooks of the container',
    'lifecycle',
    'workload',
    'StatefulSet',
    `${container}.lifecycle.preStop.exec.command.0`,
    'node',
  ),
  row('Anything else of the pod', 'podSpec', 'pod-spec', 'StatefulSet', `${pod}.runtimeClassName`, 'gvisor'),
  row('a key of ours removed', 'podSpec', 'pod-spec', 'StatefulSet', `${pod}.enableServiceLinks`, undefined),
  row(
    'a field of our container',
    'podSpec',
    'pod-spec',
    'StatefulSet',
    `${container}.terminationMessagePolicy`,
    'FallbackToLogsOnError',
  ),
  row(
    'a variable changed',
    'podSpec extraEnv',
    'pod-spec',
    'StatefulSet',
    `${container}.env.1.value`,
    'http://other:3128',
  ),
  row('one more container', 'podSpec', 'pod-spec', 'StatefulSet', `${pod}.containers.1.name`, 'side'),
  row(
    'User and groups left to the platform',
    'podSecurityContext.platform',
    'openshift',
    'StatefulSet',
    `${pod}.securityContext`,
    { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  ),
  row(
    'VerticalPodAutoscaler',
    'verticalPodAutoscaler.enabled',
    'vertical-pod-autoscaler',
    'VerticalPodAutoscaler',
    'spec.targetRef',
    { apiVersion: 'apps/v1', kind: 'StatefulSet', name },
  ),

  // `helm test`.
  row('Resources of the pod of helm test', 'helmTest.resources', 'helm-test', 'Pod', 'spec.containers.0.resources', {
    requests: { cpu: '5m', memory: '48Mi' },
    limits: { cpu: '100m', memory: '128Mi' },
  }),
  row(
    'its annotations',
    'helmTest.annotations',
    'helm-test',
    'Pod',
    'metadata.annotations."sidecar.istio.io/inject"',
    'false',
  ),
  row('its labels', 'helmTest.labels', 'helm-test', 'Pod', 'metadata.labels.quota', 'small'),
  row(
    'its client certificate',
    'helmTest.clientCertSecret',
    'web-config-pods',
    'Pod',
    'spec.volumes.0.secret.secretName',
    'exporter-client',
  ),
  row('No pod of helm test', 'helmTest.enabled', 'no-helm-test', 'Pod', '', undefined),
];

/** Stands for text that holds these parts, in whatever form the field has it. */
export interface Text {
  readonly parts: readonly string[];
}

function expectText(...parts: readonly string[]): Text {
  return { parts };
}

/** The table of the chart's README, as Markdown. */
export function rowsTable(): string {
  const cells = rows.map(
    ({ feature, values, ci, object, field }) =>
      `| ${feature} | ${values.map((path) => `\`${path}\``).join(', ')} | [${ci}](ci/${ci}-values.yaml) | ${object.replace(' ', ' …')}${field === '' ? ' is not there' : `: \`${field}\``} |`,
  );
  return ['| feature | values | ci values file | what the test reads |', '|---|---|---|---|', ...cells, ''].join('\n');
}
