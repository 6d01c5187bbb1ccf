/** The exporter as it runs in production: built, with the flags of the image. */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { demoKeys } from '../src/simulator/simulator.ts';
import { dockerfile, nodeFlags } from '../test/support/dockerfile.ts';
import type { Running, Stage } from './processes.ts';

export interface Size {
  readonly name: 'S' | 'M' | 'L';
  readonly projects: number;
  readonly connections: number;
  readonly providers: readonly string[];
  /** What is watched. With `connection_strings` each project has one cluster. */
  readonly kinds: readonly string[];
}

const watchable = ['cluster', 'connection_strings'];

export const sizes: readonly Size[] = [
  { name: 'S', projects: 34, connections: 3, providers: ['AWS', 'AZURE', 'GCP'], kinds: watchable },
  { name: 'M', projects: 600, connections: 3, providers: ['AWS', 'AZURE', 'GCP'], kinds: watchable },
  { name: 'L', projects: 10_000, connections: 1, providers: ['AWS'], kinds: watchable },
];

/** Lists of connections: each is polled every minute. */
export const linkSourcesOf = ({ projects, providers }: Size) => projects * providers.length;

/** All lists, with one of clusters for each project that has its clusters watched. */
export const sourcesOf = (size: Size) =>
  linkSourcesOf(size) + (size.kinds.includes('connection_strings') ? size.projects : 0);

const path = (name: string) => new URL(`../${name}`, import.meta.url).pathname;

export async function startSimulator(stage: Stage, { projects, connections }: Size): Promise<Running> {
  const args = ['--projects', `${projects}`, '--connections', `${connections}`, '--listen', '127.0.0.1:0'];
  return stage.start(process.execPath, [path('dist/main.js'), 'simulate', ...args], /at (http:\S+):/);
}

/** Node's flags and the environment as the image has them. */
function imageSettings() {
  const malloc = Object.fromEntries(
    [...dockerfile.matchAll(/\b(MALLOC_\w+)=(\d+)/g)].map(([, name, value]) => [name, value]),
  );
  return { flags: nodeFlags, env: { NODE_ENV: 'production', ...malloc } };
}

const never = '0 0 0 1 1 *';

/** What the probe in the exporter tells: of the event loop's delay, in ms. */
export interface Probed {
  readonly p999: number;
  readonly max: number;
}

export interface Exporter extends Running {
  readonly url: string;
  /** From the start of the process to the whole first answer, in ms. */
  readonly firstScrapeMs: number;
}

/**
 * `schedule` 'never' polls only what was never polled, at the start; then there is nothing for the probe to see, and no time
 * goes to loading it. The state stays from one start to the next.
 */
export async function startExporter(
  stage: Stage,
  size: Size,
  atlas: string,
  schedule: 'every minute' | 'never',
): Promise<Exporter> {
  const config = join(stage.folder, `${size.name}.yaml`);
  writeFileSync(
    config,
    [
      `atlas: {baseUrl: "${atlas}"}`,
      `credentials: {main: {digest: {publicKey: ${demoKeys.publicKey}, privateKey: ${demoKeys.privateKey}}}}`,
      `discovery: [{organization: "${demoKeys.orgId}", providers: [${size.providers.join(', ')}], kinds: [${size.kinds.join(', ')}]}]`,
      schedule === 'never'
        ? `poll: {schedule: "${never}", slowSchedule: "${never}", spread: 60s, fastSchedule: false}`
        : 'poll: {schedule: "0 * * * * *", spread: 60s, fastSchedule: false}',
      'metrics: {staleAfter: 7d}',
      `state: {path: "${join(stage.folder, `${size.name}.db`)}"}`,
    ].join('\n'),
  );
  const { flags, env } = imageSettings();
  const started = performance.now();
  const running = await stage.start(
    process.execPath,
    [
      ...flags,
      ...(schedule === 'never' ? [] : ['--import', path('bench/probe.mjs')]),
      path('dist/main.js'),
      'run',
      '--config.file',
      config,
      '--web.listen-address',
      '127.0.0.1:0',
      '--web.max-requests',
      '2000',
    ],
    /"addresses":\["([^"]+)"\]/,
    env,
  );
  const url = `http://${running.found}/metrics`;
  await drain(running.found);
  return { ...running, url, firstScrapeMs: performance.now() - started };
}

/** Reads an answer to its end, and makes nothing of it: what a reader does with 137 MB is not the exporter's time. */
function drain(address: string): Promise<void> {
  const { hostname, port } = new URL(`http://${address}`);
  return new Promise((resolve, reject) => {
    let begun = false;
    const callback = (_size: number, read: Uint8Array) => {
      begun ||= Buffer.from(read).toString('latin1', 0, 13) === 'HTTP/1.1 200 ';
      return true;
    };
    const socket = connect({ host: hostname, port: Number(port), onread: { buffer: Buffer.alloc(1 << 20), callback } });
    socket.on('error', reject);
    socket.on('end', () => (begun ? resolve() : reject(new Error(`${address} answers with something else than 200`))));
    socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  });
}

/** Asked for with gzip unless told otherwise, as Prometheus does: plain text that is asked for stays in the exporter's memory. */
export async function text(url: string, encoding: 'gzip' | 'identity' = 'gzip'): Promise<string> {
  const answer = await fetch(url, { headers: { 'Accept-Encoding': encoding } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.text();
}

/** Resolves once every source was polled well. Looks at what is shown seldom: a scrape in the middle renders a lot anew. */
export async function allPolled({ url }: Exporter, size: Size): Promise<string> {
  for (let tries = 0; tries < 60; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    if (!(await fetch(new URL('/-/ready', url))).ok) continue;
    const shown = await text(url);
    const up = shown.match(/^mongodb_atlas_exporter_source_up\{.*\} 1$/gm)?.length ?? 0;
    const polls = Number(/^mongodb_atlas_exporter_polls_total (\d+)/m.exec(shown)?.[1] ?? 0);
    if (up === sourcesOf(size) && polls >= sourcesOf(size)) return shown;
  }
  throw new Error(`Not every source of ${size.name} was polled within five minutes`);
}

export function residentBytes({ pid }: Running): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}
