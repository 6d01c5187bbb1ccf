/** Commands and flags. The file of a command is imported when the command runs: only `demo` and `simulate` load the simulator. */
import { Argument, Command, CommanderError, Option } from 'commander';
import type { World } from '../app/host.ts';
import { wholeEstate } from '../domain/shard.ts';
import { parseListenAddress } from '../http/listen-address.ts';
import { type CompletedShell, completion } from './completion.ts';
import { configFlags, daemonFlags, defaults, parsedShard, textOrNull, toConfigFlags, toDaemonFlags } from './flags.ts';
import { commandHelp, programHelp } from './help.ts';
import { duration, parsed, path, positive, sceneName, wholeNumber } from './option-values.ts';
import { filterFlags, toFilter } from './poll-filter.ts';

/** Runs the command line and resolves with the exit code. */
export async function runCli(argv: readonly string[], world: World): Promise<number> {
  let exitCode = 0;
  const program = createProgram(world, isCommand(argv[0]), (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(withoutUnknownValues(program, argv), { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 1;
    throw thrown;
  }
}

/** Without a word the command is `run`. A word that names none is no argument of `run`, but a slip. */
function isCommand(word: string | undefined): boolean {
  return word !== undefined && !word.startsWith('-');
}

/** An unknown `--flag=value` is told as `--flag`, so that the nearest known flag is found. */
function withoutUnknownValues(program: Command, argv: readonly string[]): readonly string[] {
  const known = new Set([program, ...program.commands].flatMap(({ options }) => options.map(({ long }) => long)));
  return argv.map((word) => {
    const [, flag] = /^(--[^=]+)=/.exec(word) ?? [];
    return flag === undefined || known.has(flag) ? word : flag;
  });
}

function createProgram(world: World, named: boolean, done: Done): Command {
  const program = new Command('atlas-private-endpoint-exporter')
    .description(
      'Prometheus exporter for MongoDB Atlas private endpoints: the status and errorMessage of each connection, and every change of them',
    )
    .version(`${world.version}`, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError("See 'atlas-private-endpoint-exporter --help'")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
      outputError: (text, write) => write(capitalised(text)),
    })
    .addHelpText('after', programHelp);

  addRun(program, world, named, done);
  addCheck(program, world, done);
  addPoll(program, world, done);
  addWait(program, world, done);
  addDemo(program, world, done);
  addSimulate(program, world, done);
  addCompletion(program, world);
  for (const command of program.commands) {
    command.helpOption('-h, --help', 'print this help').allowExcessArguments(false);
    const more = commandHelp[command.name()];
    if (more !== undefined) command.addHelpText('after', more);
  }
  return program;
}

type Done = (exitCode: number) => void;

function addRun(program: Command, world: World, named: boolean, done: Done): void {
  daemonFlags(configFlags(program.command('run', { isDefault: !named })), defaults.listen)
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
      done(await runDaemon({ ...toConfigFlags(options), ...toDaemonFlags(options, world), shard }, world));
    });
}

function addCheck(program: Command, world: World, done: Done): void {
  configFlags(program.command('check'))
    .description(
      'read and validate config and secrets, print the effective config; touches no network without --online',
    )
    .option('--web.config.file <path>', 'validate this web config too', path)
    .option('--online', 'try every list of every project and say what to mend')
    .option('--quiet', 'print the verdict alone')
    .action(async (options) => {
      const { runCheck } = await import('./check.ts');
      const webConfigFile = textOrNull(options['web.config.file']);
      done(
        await runCheck(
          { ...toConfigFlags(options), webConfigFile, online: options.online === true, quiet: options.quiet === true },
          world,
        ),
      );
    });
}

function addPoll(program: Command, world: World, done: Done): void {
  filterFlags(configFlags(program.command('poll')))
    .description('poll every project once and print its connections, interface endpoints and clusters')
    .addOption(
      new Option('-o, --output <format>', 'how to print it').choices(['table', 'wide', 'json', 'csv']).default('table'),
    )
    .option('--watch', 'go on, and print changes as they come')
    .addOption(new Option('--interval <time>', 'how often --watch polls').argParser(duration).default(30_000, '30s'))
    .option('--exit-code', 'exit with 3 when something is in trouble')
    .action(async (options) => {
      const { runPoll } = await import('./poll.ts');
      const { output, interval, watch = false, exitCode = false } = options;
      const flags = {
        ...toConfigFlags(options),
        output,
        intervalMs: interval,
        watch,
        exitCode,
        filter: toFilter(options),
      };
      done(await runPoll(flags, world));
    });
}

function addWait(program: Command, world: World, done: Done): void {
  configFlags(program.command('wait'))
    .description('poll a connection or an interface endpoint until it is ready, for scripts and pipelines')
    .requiredOption('--project <id>', 'id or name of its project')
    .option('--connection <id>', 'the connection to wait for')
    .option('--interface-endpoint <id>', 'the interface endpoint to wait for')
    .addOption(new Option('--for <state>', 'what to wait for').choices(['ready', 'failed', 'gone']).default('ready'))
    .addOption(new Option('--timeout <time>', 'how long').argParser(duration).default(30 * 60_000, '30m'))
    .addOption(new Option('--interval <time>', 'how often to poll').argParser(duration).default(15_000, '15s'))
    .action(async (options, command) => {
      const { connection = null, interfaceEndpoint = null, project, timeout, interval } = options;
      if (connection === null && interfaceEndpoint === null) {
        command.error('error: name what to wait for with --connection or --interface-endpoint');
      }
      const { runWait } = await import('./wait.ts');
      const flags = {
        project,
        connection,
        interfaceEndpoint,
        until: options.for,
        timeoutMs: timeout,
        intervalMs: interval,
      };
      done(await runWait({ ...toConfigFlags(options), ...flags }, world));
    });
}

function addCompletion(program: Command, world: World): void {
  program
    .command('completion')
    .description('print a script that completes commands and flags in a shell')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .action((shell: CompletedShell) => world.stdout.write(completion(program, shell)));
}

function addDemo(program: Command, world: World, done: Done): void {
  daemonFlags(program.command('demo'), defaults.listen)
    .description('run against an embedded Atlas simulator: needs no account and no key')
    .action(async (options) => {
      const { runDemo } = await import('./demo.ts');
      done(await runDemo({ configFile: null, ...toDaemonFlags(options, world), shard: wholeEstate }, world));
    });
}

function addSimulate(program: Command, world: World, done: Done): void {
  program
    .command('simulate')
    .description('run the Atlas simulator alone, for trying things out and for load tests')
    .option('--projects <n>', 'how many projects', wholeNumber, 3)
    .option('--connections <n>', 'how many connections in each project', wholeNumber, 3)
    .option('--seed <n>', 'the same seed makes the same estate', wholeNumber, 1)
    .option('--listen <address>', 'where to listen', (value) => parsed(value, parseListenAddress))
    .option('--latency <ms>', 'wait before each answer', wholeNumber, 0)
    .addOption(new Option('--scene <name>', 'something that is wrong from the start; repeatable').argParser(sceneName))
    .action(async (options) => {
      const { runSimulate } = await import('./simulate.ts');
      const { listen = parseListenAddress('127.0.0.1:27901'), scene = [], ...rest } = options;
      done(await runSimulate({ ...rest, listen, scenes: scene }, world));
    });
}

/** Messages of commander begin with a small letter; the exporter's are sentences. */
function capitalised(text: string): string {
  return text.replace(/^error: ([a-z])/, (_, first: string) => first.toUpperCase());
}
