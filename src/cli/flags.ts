/** The flags that several commands share, and what they mean. */
import { type Command, Option } from 'commander';
import type { ConfigFlags, DaemonFlags } from '../app/flags.ts';
import type { World } from '../app/host.ts';
import type { Shard } from '../domain/shard.ts';
import { parseListenAddress } from '../http/listen-address.ts';
import { parseExternalUrl, parseRoutePrefix } from '../http/target.ts';
import { listenAddress, parsed, path, telemetryPath, wholeNumber } from './option-values.ts';

export const defaults = { listen: ':27900' } as const;

export function configFlags(command: Command): Command {
  return command.option(
    '--config.file <path>',
    'config file (default: config/exporter.yaml if it exists, else the environment alone)',
    path,
  );
}

export function daemonFlags(command: Command, listen: string): Command {
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
    .addOption(
      new Option('--log.format <format>', 'how it is logged (default: pretty on a terminal, else json)').choices([
        'json',
        'pretty',
      ]),
    );
}

export type Options = Readonly<Record<string, unknown>>;

export function toConfigFlags(options: Options): ConfigFlags {
  return { configFile: textOrNull(options['config.file']) };
}

/** A terminal is read by people, everything else by programs. */
function logFormat(chosen: unknown, { stdout }: World): 'json' | 'pretty' {
  if (chosen === undefined) return stdout.isTTY ? 'pretty' : 'json';
  return chosen === 'pretty' ? 'pretty' : 'json';
}

export function toDaemonFlags(options: Options, world: World): Omit<DaemonFlags, 'configFile' | 'shard'> {
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
    logFormat: logFormat(options['log.format'], world),
  };
}

/** The shard that the flags ask for. A pod of a StatefulSet has its ordinal at the end of its name. */
export function parsedShard(options: Options, { env }: World, command: Command): Shard {
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

export function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
