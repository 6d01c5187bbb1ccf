/**
 * `npm run demo:stack`: the demo with a Prometheus that has the rules and probes through blackbox_exporter, and an Alertmanager, of
 * those that are installed here. Ctrl-C ends all of it, and nothing stays. `--port-offset N` adds N to every port.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { 'port-offset': { type: 'string', default: '0' } } });
const offset = Number(values['port-offset']);
const root = new URL('../', import.meta.url).pathname;
const install = 'apt-get install prometheus prometheus-alertmanager prometheus-blackbox-exporter';

/** Debian's name first. */
const programs = {
  prometheus: ['prometheus'],
  alertmanager: ['prometheus-alertmanager', 'alertmanager'],
  blackbox: ['prometheus-blackbox-exporter', 'blackbox_exporter'],
} as const;
const port = { demo: 27_900, prometheus: 9_090, alertmanager: 9_093, blackbox: 9_115 } as const;
type Part = keyof typeof port;
const addressOf = (part: Part) => `127.0.0.1:${port[part] + offset}`;

function find(names: readonly string[]): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const path of names.flatMap((name) => folders.map((folder) => join(folder, name)))) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return null;
}

const found = {
  prometheus: find(programs.prometheus),
  alertmanager: find(programs.alertmanager),
  blackbox: find(programs.blackbox),
};
if (!Number.isInteger(offset) || offset < 0 || offset > 30_000) {
  console.error(`--port-offset ${values['port-offset']}: a number from 0 to 30000 is wanted`);
  process.exit(2);
}
if (found.prometheus === null) {
  console.error(`There is no Prometheus on the PATH: ${install}, or, with containers: docker compose up --build`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'demo-stack-'));
const children = new Map<Part, ChildProcess>();
let ending = false;

/** The files of compose.yaml, with the addresses and paths of this machine. */
function writeConfigs(): void {
  const rules = join(root, 'helm/atlas-private-endpoint-exporter/files/rules');
  const here = (Object.keys(port) as Part[]).reduce(
    (text, part) =>
      text
        .replaceAll(`"${part}:${port[part]}"`, `"${addressOf(part)}"`)
        .replaceAll(`//${part}:${port[part]}/`, `//${addressOf(part)}/`),
    readFileSync(join(root, 'config/stack/prometheus.yaml'), 'utf8'),
  );
  writeFileSync(join(folder, 'prometheus.yaml'), here.replace('/etc/prometheus/rules', rules));
}

function start(part: Part, program: string, args: readonly string[]): void {
  const log = join(folder, `${part}.log`);
  const file = openSync(log, 'w');
  // A group of their own: Ctrl-C is for this process to hand on.
  const child = spawn(program, args, { cwd: folder, detached: true, stdio: ['ignore', file, file] });
  children.set(part, child);
  child.once('error', (error) => void end(1, `${program}: ${error.message}`));
  child.once('exit', (code, signal) => {
    if (!ending)
      void end(1, `${part} ended by itself (${signal ?? code}):\n${readFileSync(log, 'utf8').slice(-2_000)}`);
  });
}

async function end(code: number, why = ''): Promise<void> {
  if (ending) return;
  ending = true;
  if (why !== '') console.error(why);
  await Promise.all(
    [...children.values()].map(
      (child) =>
        new Promise<void>((resolve) => {
          if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return resolve();
          const hard = setTimeout(() => child.kill('SIGKILL'), 5_000);
          child.once('exit', () => {
            clearTimeout(hard);
            resolve();
          });
          child.kill('SIGTERM');
        }),
    ),
  );
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(0));

writeConfigs();
mkdirSync(join(folder, 'data'));
start('demo', process.execPath, [join(root, 'src/main.ts'), 'demo', `--web.listen-address=${addressOf('demo')}`]);
start('prometheus', found.prometheus, [
  `--config.file=${join(folder, 'prometheus.yaml')}`,
  `--storage.tsdb.path=${join(folder, 'data')}`,
  `--web.listen-address=${addressOf('prometheus')}`,
]);
if (found.alertmanager !== null) {
  start('alertmanager', found.alertmanager, [
    `--config.file=${join(root, 'config/stack/alertmanager.yaml')}`,
    `--storage.path=${join(folder, 'alertmanager')}`,
    `--web.listen-address=${addressOf('alertmanager')}`,
    '--cluster.listen-address=',
  ]);
}
if (found.blackbox !== null) {
  start('blackbox', found.blackbox, [
    `--config.file=${join(root, 'config/blackbox.example.yaml')}`,
    `--web.listen-address=${addressOf('blackbox')}`,
  ]);
}

const lines = [
  `Exporter      http://${addressOf('demo')}/`,
  `Prometheus    http://${addressOf('prometheus')}/`,
  found.alertmanager === null
    ? `Alertmanager  not installed: ${install}`
    : `Alertmanager  http://${addressOf('alertmanager')}/`,
  found.blackbox === null
    ? `blackbox      not installed, so nothing is probed: ${install}`
    : `blackbox      http://${addressOf('blackbox')}/`,
  '',
  "The names of the simulated clusters are nobody's: AtlasPrivateEndpointUnreachable fires after some minutes, as it should.",
  'Grafana with the dashboards: docker compose up --build. Ctrl-C ends all of it.',
];
console.log(lines.join('\n'));
