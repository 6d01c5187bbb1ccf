/** `wait`: polls a connection or an interface endpoint until it is as wanted, for scripts and pipelines. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConfigFlags } from '../app/flags.ts';
import type { World } from '../app/host.ts';
import { classOfConnection, classOfInterfaceEndpoint } from '../domain/connection-class.ts';
import type { StatusClass } from '../domain/status.ts';
import type { SourceStatus } from '../domain/view.ts';
import { openPoll } from './open-poll.ts';
import { pollAll, withoutProgress } from './poll-once.ts';

export interface WaitFlags extends ConfigFlags {
  /** Id or name. */
  readonly project: string;
  readonly connection: string | null;
  readonly interfaceEndpoint: string | null;
  readonly until: 'ready' | 'failed' | 'gone';
  readonly timeoutMs: number;
  readonly intervalMs: number;
}

/** As `timeout` of coreutils. */
const timeIsUp = 124;

/**
 * Exit code: 0 it is so, 1 config error, 2 it cannot be polled, 3 it failed instead, 124 time is up, 130 after Ctrl+C. Failures
 * of polls are waited out, but for those that no waiting mends.
 */
export async function runWait(flags: WaitFlags, world: World): Promise<number> {
  const opened = await openPoll(flags, { projects: [flags.project], kinds: [] }, world);
  if (!opened.ok) return opened.exit;
  await using poll = opened;
  const { atlas, planned, interruption } = poll;
  const { signal } = interruption;
  const quiet = withoutProgress(world);
  const end = world.clock.monotonic() + flags.timeoutMs;
  let told = '';
  while (!signal.aborted) {
    const polled = await pollAll(atlas, planned, quiet, signal);
    if (signal.aborted) break;
    const seen = look(
      polled.map(({ status }) => status),
      flags,
    );
    if (seen.words !== told) world.stderr.write(`${seen.words}\n`);
    told = seen.words;
    if (seen.exit !== null) return seen.exit;
    const left = end - world.clock.monotonic();
    if (left <= 0) {
      world.stderr.write(`Time is up: not ${flags.until} within ${flags.timeoutMs / 1000} s\n`);
      return timeIsUp;
    }
    await sleep(Math.min(flags.intervalMs, left), undefined, { signal }).catch(() => {});
  }
  return interruption.exitCode() ?? 130;
}

/** What no waiting mends. */
const hopeless: ReadonlySet<string> = new Set([
  'unauthorized',
  'forbidden',
  'ip_access_list',
  'project_not_found',
  'not_supported',
]);

interface Seen {
  /** null while it is to be waited on. */
  readonly exit: number | null;
  readonly words: string;
}

function look(statuses: readonly SourceStatus[], { connection, interfaceEndpoint, until }: WaitFlags): Seen {
  const what = [connection, interfaceEndpoint].filter((id) => id !== null).join(' ');
  const found = statuses.flatMap((status) => parts(status, connection, interfaceEndpoint))[0];
  if (found) {
    const words = `${what}: ${found.status}`;
    if (until !== 'gone' && found.is === until) return { exit: 0, words };
    if (until === 'ready' && found.is === 'failed') return { exit: 3, words };
    return { exit: null, words };
  }
  const failures = statuses.flatMap(({ state }) => state.freshness.failure ?? []);
  // What cannot be read may be where it is: a list that fails says of nothing that it is gone.
  const [failure] = failures;
  if (failure) {
    const words = `${failure.reason}: ${failure.detail}\n  ${failure.remedy}`;
    return { exit: failures.every(({ reason }) => hopeless.has(reason)) ? 2 : null, words };
  }
  return until === 'gone' ? { exit: 0, words: `${what}: gone` } : { exit: null, words: `${what}: not there` };
}

interface Part {
  readonly is: StatusClass;
  readonly status: string;
}

function parts(
  { source, state }: SourceStatus,
  connectionId: string | null,
  endpointId: string | null,
): readonly Part[] {
  const { kind } = source;
  const { api, connections = [] } = state.ledger?.snapshot ?? { api: source.api };
  return connections
    .filter(({ id }) => connectionId === null || id === connectionId)
    .flatMap((connection): readonly Part[] => {
      if (endpointId === null) {
        const status = connection.unreadable ?? connection.status ?? '';
        return [{ is: classOfConnection(kind, api, connection), status }];
      }
      return connection.interfaceEndpoints
        .filter(({ id }) => id.toLowerCase() === endpointId.toLowerCase())
        .map((endpoint) => ({
          is: classOfInterfaceEndpoint(kind, connection.cloudProvider, endpoint),
          status: endpoint.unreadable ?? endpoint.detail?.status ?? 'known by its id only',
        }));
    });
}
