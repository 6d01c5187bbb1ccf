import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { simulatorConfig } from '../../support/daemon.ts';

const root = new URL('../../..', import.meta.url).pathname;
const preload = join(root, 'test/support/throw-at.mjs');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'start-'));
  writeFileSync(join(folder, 'web.yaml'), 'http_server_config: {headers: {X-Frame-Options: deny}}\n');
  writeFileSync(join(folder, 'exporter.yaml'), simulatorConfig('http://127.0.0.1:9', ['5df264b8f10fab7d2cad2f0d']));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The files that a start goes through, one calling the next. */
const road = [
  'src/main.ts',
  'src/cli/cli.ts',
  'src/cli/run.ts',
  'src/cli/load.ts',
  'src/app/app.ts',
  'src/app/polling.ts',
];
/** Called after the start, on another command, or by a mistake in the config alone. */
const notOfTheStart = new Set([
  // What these throw is told to the user as a mistake on the command line.
  'src/cli/option-values.ts#positive',
  'src/cli/option-values.ts#telemetryPath',
  'src/cli/option-values.ts#wholeNumber',
  'src/http/listen-address.ts#parseListenAddress',
  'src/http/target.ts#parseExternalUrl',
  'src/http/metrics/telemetry-path.ts#parseTelemetryPath',
  'src/cli/check.ts#runCheck',
  'src/cli/poll.ts#runPoll',
  'src/cli/demo.ts#runDemo',
  'src/cli/simulate.ts#runSimulate',
  'src/cli/wait.ts#runWait',
  'src/cli/completion.ts#completion',
  'src/cli/option-values.ts#duration',
  'src/cli/option-values.ts#sceneName',
  'src/cli/poll-filter.ts#toFilter',
  'src/app/urls.ts#toAtlasPages',
  'src/domain/targets.ts#countTargets',
  'src/polling/poll-deadline.ts#pollDeadlineMs',
  'src/domain/listing.ts#emptyListing',
  'src/domain/stored.ts#toForget',
  'src/domain/stored.ts#toLogged',
  'src/domain/audit.ts#endOf',
  'src/domain/audit.ts#isModeFlip',
  'src/domain/yield-turn.ts#yieldTurn',
  'src/app/views.ts#toExposed',
  'src/app/views.ts#toFleetView',
  'src/app/health.ts#toHealth',
  'src/atlas/error.ts#toFailure',
  'src/config/exporter/masked.ts#maskedConfig',
  'src/config/problems.ts#formatProblems',
]);

/** Every function that one of them imports, as `file#name`. */
function stepsOf(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const imports = text.matchAll(/^import \{([^}]*)\} from '(\.[^']+)'|\{([^}]*)\} = await import\('(\.[^']+)'\)/gm);
  const lazy = [...text.matchAll(/import\('(\.[^']+)'\)/g)].flatMap(([, from = '']) => namesOf(file, from));
  return [
    ...[...imports].flatMap(([, names = '', from = '', lazyNames = '', lazyFrom = '']) =>
      (names || lazyNames)
        .split(',')
        .map((name) => name.trim())
        .filter((name) => /^[a-z]\w*$/.test(name))
        .map((name) => `${resolved(file, from || lazyFrom)}#${name}`),
    ),
    ...lazy,
  ];
}
/** Which functions of a module that is imported late are taken out of it. */
function namesOf(file: string, from: string): readonly string[] {
  const text = readFileSync(join(root, resolved(file, from)), 'utf8');
  const own = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^export (?:async )?function (\w+)/gm)]
    .flatMap(([, name = '']) => (new RegExp(`\\{[^{}]*\\b${name}\\b[^{}]*\\}`).test(own) ? [name] : []))
    .map((name) => `${resolved(file, from)}#${name}`);
}
const resolved = (file: string, from: string) => relative(root, join(root, dirname(file), from));
const isFunction = (step: string) => {
  const [file = '', name = ''] = step.split('#');
  return new RegExp(`^export (?:async )?function ${name}\\b`, 'm').test(readFileSync(join(root, file), 'utf8'));
};
const steps = [...new Set(road.flatMap(stepsOf))].filter((step) => isFunction(step) && !notOfTheStart.has(step));

async function start(at: string, how: 'at_once' | 'later') {
  const args = ['run', '--config.file', 'exporter.yaml', '--web.config.file', 'web.yaml', '--state.path', ':memory:'];
  const child = spawn(
    process.execPath,
    ['--import', preload, join(root, 'src/main.ts'), ...args, '--web.listen-address', '127.0.0.1:0'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, THROW_AT: at, THROW_HOW: how } },
  );
  const watchdog = setTimeout(() => child.kill('SIGKILL'), 60_000);
  const written = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    written.out += chunk.toString();
    // It started: the step was not on its way.
    if (how === 'at_once' && written.out.includes('"msg":"Started"')) child.kill('SIGTERM');
  });
  child.stderr.on('data', (chunk: Buffer) => {
    written.err += chunk.toString();
  });
  const [code] = await once(child, 'close');
  clearTimeout(watchdog);
  const fatal = written.out.split('\n').filter((line) => line.includes('"level":"fatal"'));
  return { code, told: [...fatal, ...written.err.split('\n').filter((line) => line !== '')] };
}

test('the road of a start is found', () => {
  expect(steps.length).toBeGreaterThan(25);
  expect(steps).toEqual(
    expect.arrayContaining([
      'src/cli/cli.ts#runCli',
      'src/cli/run.ts#runDaemon',
      'src/app/app.ts#openApp',
      'src/http/server.ts#startServer',
      'src/atlas/atlas.ts#createAtlas',
      'src/polling/watch.ts#createWatch',
    ]),
  );
});

describe('an error that nothing expects, at any step of the start, is one line and exit code 70', () => {
  test.each(steps)('%s', async (step) => {
    const { code, told } = await start(step, 'at_once');
    expect(told).toEqual([expect.stringContaining(`Injected into ${step.split('#')[1]}`)]);
    expect(told[0]).toMatch(/^(?:\{"level":"fatal",|Unexpected error: TypeError: Injected into \w+ at )/);
    expect(code).toBe(70);
  });
});

test.each(['src/polling/fleet.ts#createFleet', 'src/app/upkeep.ts#startUpkeep', 'src/app/app.ts#openApp'])(
  'errors that nothing catches, again and again from %s on, are one line and exit code 70',
  async (step) => {
    const { code, told } = await start(step, 'later');
    expect(told).toEqual([expect.stringContaining(`Injected into ${step.split('#')[1]}`)]);
    expect(code).toBe(70);
  },
);
