/** The tools of the suites that are built from pinned Go modules. A folder beside this file holds the module of each. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Tool {
  /** The folder with `go.mod` and `go.sum`. */
  readonly folder: string;
  /** The module that the tool comes from: `go.mod` has its version. */
  readonly module: string;
  /** Where the programs print their version; null for files and programs that no system has. */
  readonly versionArgument: string | null;
  /** What `go build` is asked for: `tool` means the tool directives of `go.mod`; nothing where the tool is a set of files. */
  readonly packages: readonly string[];
  /** Build tags and the like. */
  readonly flags?: readonly string[];
  /** Settings of the linker, `$VERSION` and `$MINOR` filled in. */
  readonly linkerFlags?: readonly string[];
  /** What is there after the build: the name of each program, and the file that it is. */
  readonly programs: Readonly<Record<string, string>>;
  /** Empty files that the module's sources embed and its release does not bring: a web UI that is built elsewhere. */
  readonly placeholders?: readonly string[];
  /** Files copied out of the module: the name here, and the path in the module. */
  readonly files?: Readonly<Record<string, string>>;
}

const prometheusVersion = ['-X github.com/prometheus/common/version.Version=$VERSION'];
const kubeVersion = 'k8s.io/component-base/version';

export const tools = {
  prometheus: {
    folder: 'prometheus',
    module: 'github.com/prometheus/prometheus',
    versionArgument: '--version',
    packages: ['tool'],
    // The clients of two dozen clouds are most of the build; targets come from files here.
    flags: ['-tags=remove_all_sd'],
    linkerFlags: prometheusVersion,
    programs: { prometheus: 'prometheus', promtool: 'promtool' },
  },
  alertmanager: {
    folder: 'alertmanager',
    module: 'github.com/prometheus/alertmanager',
    versionArgument: '--version',
    packages: ['tool'],
    linkerFlags: prometheusVersion,
    placeholders: ['ui/app/dist/elm/index.html', 'ui/app/dist/mantine/index.html'],
    programs: { alertmanager: 'alertmanager', amtool: 'amtool' },
  },
  blackbox: {
    folder: 'blackbox',
    module: 'github.com/prometheus/blackbox_exporter',
    versionArgument: '--version',
    packages: ['tool'],
    linkerFlags: prometheusVersion,
    programs: { blackbox_exporter: 'blackbox_exporter' },
  },
  // The loader that Docker's own `compose` reads files with.
  compose: {
    folder: 'compose',
    module: 'github.com/compose-spec/compose-go/v2',
    versionArgument: null,
    packages: ['tool'],
    programs: { 'compose-spec': 'cmd' },
  },
  kubeconform: {
    folder: 'kubeconform',
    module: 'github.com/yannh/kubeconform',
    versionArgument: '-v',
    packages: ['tool'],
    linkerFlags: ['-X main.version=v$VERSION'],
    programs: { kubeconform: 'kubeconform' },
  },
  actionlint: {
    folder: 'actionlint',
    module: 'github.com/rhysd/actionlint',
    versionArgument: '-version',
    packages: ['tool'],
    programs: { actionlint: 'actionlint' },
  },
  kwok: {
    folder: 'kwok',
    module: 'sigs.k8s.io/kwok',
    versionArgument: '--version',
    packages: ['tool'],
    programs: { kwok: 'kwok' },
    files: Object.fromEntries(
      ['node/fast/node-initialize', 'node/heartbeat/node-heartbeat', 'pod/fast/pod-ready', 'pod/fast/pod-delete'].map(
        (stage) => [`${stage.split('/').at(-1)}.yaml`, `kustomize/stage/${stage}.yaml`],
      ),
    ),
  },
  kubernetes: {
    folder: 'kubernetes',
    module: 'k8s.io/kubernetes',
    versionArgument: '--version',
    packages: ['./kube'],
    linkerFlags: [
      `-X ${kubeVersion}.gitVersion=v$VERSION`,
      `-X ${kubeVersion}.gitMajor=1`,
      `-X ${kubeVersion}.gitMinor=$MINOR`,
    ],
    // One binary that goes by its own name: the three share nearly all of their code.
    programs: { 'kube-apiserver': 'kube', 'kube-controller-manager': 'kube', 'kube-scheduler': 'kube' },
  },
  kubelet: {
    folder: 'kubernetes',
    module: 'k8s.io/kubernetes',
    versionArgument: null,
    packages: ['./kubelet'],
    programs: { kubelet: 'kubelet' },
  },
  operator: definitions('operator', 'github.com/prometheus-operator/prometheus-operator', {
    'servicemonitors.yaml': 'example/prometheus-operator-crd-full/monitoring.coreos.com_servicemonitors.yaml',
    'podmonitors.yaml': 'example/prometheus-operator-crd-full/monitoring.coreos.com_podmonitors.yaml',
    'prometheusrules.yaml': 'example/prometheus-operator-crd-full/monitoring.coreos.com_prometheusrules.yaml',
    'scrapeconfigs.yaml': 'example/prometheus-operator-crd-full/monitoring.coreos.com_scrapeconfigs.yaml',
  }),
  gateway: definitions('gateway', 'sigs.k8s.io/gateway-api', {
    'httproutes.yaml': 'config/crd/standard/gateway.networking.k8s.io_httproutes.yaml',
  }),
  autoscaler: definitions('autoscaler', 'k8s.io/autoscaler/vertical-pod-autoscaler', {
    'verticalpodautoscalers.yaml': 'deploy/vpa-v1-crd-gen.yaml',
  }),
} satisfies Readonly<Record<string, Tool>>;

/** Definitions of custom resources that a module brings. */
function definitions(folder: string, module: string, files: Readonly<Record<string, string>>) {
  return { folder, module, versionArgument: null, packages: [], programs: {}, files } as const;
}

export type ToolName = keyof typeof tools;

export const toolNames = Object.keys(tools) as readonly ToolName[];

export const toolsFolder = new URL('./', import.meta.url).pathname;

/** The version of the module in `go.mod`, as the tool calls itself: Prometheus' module `v0.316.0` is `3.16.0`. */
export function versionOf(name: ToolName): string {
  const { folder, module } = tools[name];
  const text = readFileSync(join(toolsFolder, folder, 'go.mod'), 'utf8');
  const version = text.split('\n').flatMap((line) => {
    const [path, found] = line.trim().replace('require ', '').split(/\s+/);
    return path === module && found?.startsWith('v') ? [found.slice(1)] : [];
  })[0];
  if (version === undefined) throw new Error(`go.mod of ${folder} does not require "${module}"`);
  return name === 'prometheus'
    ? version.replace(/^0\.(\d)(\d\d)\./, (_, major, minor) => `${major}.${Number(minor)}.`)
    : version;
}
