/** Commands and flags. The file of a command is imported when the command runs: only `demo` and `simulate` load the simulator. */
import { Command, CommanderError, Option } from 'commander';
import type { ConfigFlags, DaemonFlags } from '../app/flags.ts';
import type { World } from '../app/host.ts';
import { type Shard, wholeEstate } from '../domain/shard.ts';
import { parseListenAddress } from '../http/listen-address.ts';
import { parseExternalUrl, parseRoutePrefix } from '../http/target.ts';
import { listenAddress, parsed, path, positive, telemetryPath, wholeNumber } from './option-values.ts';

/** Runs the command line and resolves with the exit code. */
export async function runCli(argv: readonly string[], world: World): Promise<number> {
  let exitCode = 0;
  const program = createProgram(world, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 1;
    throw thrown;
  }
}

function createProgram(world: World, done: Done): Command {
  const program = new Command('atlas-private-endpoint-exporter')
    .description(
      'Prometheus exporter for MongoDB Atlas private endpoints: the status and errorMessage of each connection, and every change of them',
    )
    .version(`${world.version}`, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
      outputError: (text, write) => write(capitalised(text)),
    });

  addRun(program, world, done);
  addCheck(program, world, done);
  addPoll(program, world, done);
  addDemo(program, world, done);
  addSimulate(program, world, done);
  for (const command of program.commands) command.helpOption('--help', 'print this help').allowExcessArguments(false);
  return program;
}

type Done = (exitCode: number) => void;

function addRun(program: Command, world: World, done: Done): void {
  daemonFlags(configFlags(program.command('run', { isDefault: true })), defaults.listen)
    .description('run the daemon (the default command)')
    .option('--state.path <path>', "where the state database lives; overrides the config's state.path", path)
    .option('--total-shards <n>', 'how many processes share the projects', positive, 1)
    .option(
      '--shard <n>',
      'which of them this is, from 0 (default: the number at the end of POD_NAME or HOSTNAME)',
      wholeNumber,
    )
    .action(async (options, command) => {
      const { runDaemon } = await import('./run.ts');
      const shard = parsedShard(options, world, command);
      done(await runDaemon({ ...toConfigFlags(options), ...toDaemonFlags(options), shard }, world));
    });
}

function addCheck(program: Command, world: World, done: Done): void {
  configFlags(program.command('check'))
    .description(
      'read and validate config and secrets, print the effective config; touches no network without --online',
    )
    .option('--web.config.file <path>', 'validate this web config too', path)
    .option('--online', 'try every list of every project and say what to mend')
    .action(async (options) => {
      const { runCheck } = await import('./check.ts');
      const webConfigFile = textOrNull(options['web.config.file']);
      done(await runCheck({ ...toConfigFlags(options), webConfigFile, online: options.online === true }, world));
    });
}

function addPoll(program: Command, world: World, done: Done): void {
  configFlags(program.command('poll'))
    .description('poll every project once and print its connections and interface endpoints')
    .addOption(
      new Option('-o, --output <format>', 'how to print it').choices(['table', 'wide', 'json']).default('table'),
    )
    .action(async (options) => {
      const { runPoll } = await import('./poll.ts');
      done(await runPoll({ ...toConfigFlags(options), output: options.output }, world));
    });
}

function addDemo(program: Command, world: World, done: Done): void {
  daemonFlags(program.command('demo'), defaults.listen)
    .description('run against an embedded Atlas simulator: needs no account and no key')
    .action(async (options) => {
      const { runDemo } = await import('./demo.ts');
      done(await runDemo({ configFile: null, ...toDaemonFlags(options), shard: wholeEstate }, world));
    });
}

function addSimulate(program: Command, world: World, done: Done): void {
  program
    .command('simulate')
    .description('run the Atlas simulator alone, for trying things out and for load tests')
    .option('--projects <n>', 'how many projects', wholeNumber, 3)
    .option('--connections <n>', 'how many connections in each project', wholeNumber, 3)
    .option('--seed <n>', 'the same seed makes the same estate', wholeNumber, 1)
    .option('--listen <address>', 'where to listen', '127.0.0.1:27901')
    .option('--latency <ms>', 'wait before each answer', wholeNumber, 0)
    .action(async (options) => {
      const { runSimulate } = await import('./simulate.ts');
      done(await runSimulate(options, world));
    });
}

const defaults = { listen: ':27900' } as const;

function configFlags(command: Command): Command {
  return command.option(
    '--config.file <path>',
    'config file (default: config/exporter.yaml if it exists, else the environment alone)',
    path,
  );
}

function daemonFlags(command: Command, listen: string): Command {
  return command
    .option('--web.listen-address <address>', `where to listen; repeatable (default: ${listen})`, listenAddress)
    .option('--web.telemetry-path <path>', 'path of the metrics', telemetryPath, '/metrics')
    .option('--web.external-url <url>', 'where people reach the port, such as through a proxy', (value) =>
      parsed(value, parseExternalUrl),
    )
    .option('--web.route-prefix <path>', 'prefix of every path (default: the path of --web.external-url)', (value) =>
      parsed(value, parseRoutePrefix),
    )
    .option('--web.config.file <path>', 'TLS, headers and passwords of the port: see config/web.example.yaml', path)
    .option('--web.max-requests <n>', 'how many scrapes may be unfinished at once; 0 for no limit', wholeNumber, 40)
    .option('--web.enable-lifecycle', 'let POST /-/reload reload the config')
    .addOption(
      new Option('--log.level <level>', 'what is logged')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])
        .default('info'),
    )
    .addOption(new Option('--log.format <format>', 'how it is logged').choices(['json', 'pretty']).default('json'));
}

type Options = Readonly<Record<string, unknown>>;

function toConfigFlags(options: Options): ConfigFlags {
  return { configFile: textOrNull(options['config.file']) };
}

function toDaemonFlags(options: Options): Omit<DaemonFlags, 'configFile' | 'shard'> {
  const addresses = options['web.listenAddress'];
  const externalUrl = options['web.externalUrl'] instanceof URL ? options['web.externalUrl'] : null;
  const routePrefix = options['web.routePrefix'] ?? parseRoutePrefix(externalUrl?.pathname ?? '');
  return {
    listen: Array.isArray(addresses) ? addresses : [parseListenAddress(defaults.listen)],
    telemetryPath: String(options['web.telemetryPath']),
    externalUrl,
    routePrefix: String(routePrefix),
    maxRequests: Number(options['web.maxRequests']),
    lifecycle: options['web.enableLifecycle'] === true,
    webConfigFile: textOrNull(options['web.config.file']),
    statePath: textOrNull(options['state.path']),
    logLevel: String(options['log.level']),
    logFormat: options['log.format'] === 'pretty' ? 'pretty' : 'json',
  };
}

/** The shard that the flags ask for. A pod of a StatefulSet has its ordinal at the end of its name. */
function parsedShard(options: Options, { env }: World, command: Command): Shard {
  const total = Number(options['totalShards']);
  const named = /-(\d{1,6})$/.exec(env['POD_NAME'] ?? env['HOSTNAME'] ?? '')?.[1];
  const ordinal = options['shard'] ?? (total === 1 ? 0 : named);
  if (ordinal === undefined) {
    command.error('error: --total-shards needs --shard: neither POD_NAME nor HOSTNAME ends in a number');
  }
  if (Number(ordinal) >= total) {
    command.error(`error: --shard ${ordinal} is not below --total-shards ${total}; shards are counted from 0`);
  }
  return { ordinal: Number(ordinal), total };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** Messages of commander begin with a small letter; the exporter's are sentences. */
function capitalised(text: string): string {
  return text.replace(/^error: ([a-z])/, (_, first: string) => first.toUpperCase());
}
