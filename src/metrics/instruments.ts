/** The exporter's own instruments as data: the registry creates each row, and the documentation lists it. */
import { type Description, exporterHelp } from './family.ts';

/** A row of the table. */
export interface Instrument<L extends string = string> extends Description {
  readonly labels: readonly L[];
  /** Upper bounds in seconds; null of anything but a histogram. */
  readonly buckets: readonly number[] | null;
}

const atlas = 'the Atlas API';
const pollBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const requestBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Every instrument, in the order in which they are shown. */
export const instruments = {
  buildInfo: gauge('build_info', 'What is running; always 1', ['version', 'revision', 'node_version']),
  polls: counter('polls_total', 'How many polls ended'),
  pollFailures: counter('poll_failures_total', 'How many polls failed', ['reason']),
  pollsSkipped: counter('polls_skipped_total', 'How many polls were due and not begun', ['reason']),
  pollDuration: histogram('poll_duration_seconds', 'How long polls took', ['kind', 'cloud_provider'], pollBuckets),
  apiRequests: counter('api_requests_total', 'How many requests were sent to Atlas', ['operation', 'code']),
  apiRequestDuration: histogram(
    'api_request_duration_seconds',
    'How long requests to Atlas took',
    ['operation'],
    requestBuckets,
  ),
  rateLimitRemaining: gauge(
    'api_rate_limit_remaining_ratio',
    'The lowest share of a rate limit that was left within the last minute',
    ['credential'],
    `rate limit headers of ${atlas}`,
  ),
  backoffUntil: gauge(
    'api_backoff_until_timestamp_seconds',
    'Until when no request is sent, as a Unix time; 0 for no such wait',
    ['credential'],
    `Retry-After of ${atlas}, and the exporter itself`,
  ),
  tokenExpiry: gauge(
    'token_expiry_timestamp_seconds',
    'When the access token ends, as a Unix time; only of service accounts',
    ['credential'],
    `token endpoint of ${atlas}`,
  ),
  secretExpiry: gauge(
    'secret_expiry_timestamp_seconds',
    'When the secret ends, as a Unix time; only of service accounts that may read it',
    ['credential'],
    `${atlas} field expiresAt, as of the last successful look-up`,
  ),
  projects: gauge('projects', 'How many projects this process is responsible for'),
  targets: gauge('targets', 'How many hosts and ports /api/v1/targets lists'),
  discoveryUp: gauge('discovery_up', '1 if the last listing of the organization was complete, else 0', ['org_id']),
  discoveryLastSuccess: gauge(
    'discovery_last_success_timestamp_seconds',
    'When the organization was last listed completely, as a Unix time; 0 for never',
    ['org_id'],
  ),
  discoveryProjects: gauge('discovery_projects', 'How many projects of the organization are watched', ['org_id']),
  lookupUp: gauge(
    'lookup_up',
    '1 when none of the last look-ups of this name failed, else 0; only of look-ups that are asked',
    ['lookup'],
  ),
  unknownStatuses: counter(
    'unknown_statuses_total',
    'How often something entered a status that this version does not know',
    ['kind'],
  ),
  stateRestored: gauge('state_restored', '1 if the stored state was restored at start, else 0'),
  stateLastSaveSuccessful: gauge(
    'state_last_save_successful',
    '1 if the state was last saved without an error, else 0',
  ),
  stateLastSave: gauge(
    'state_last_save_timestamp_seconds',
    'When the state was last saved, as a Unix time; 0 for never',
  ),
  stateSaveFailures: counter('state_save_failures_total', 'How often the state could not be saved'),
  reloadSuccessful: gauge('config_last_reload_successful', '1 if the config was last read without an error, else 0'),
  reloadSuccess: gauge(
    'config_last_reload_success_timestamp_seconds',
    'When the config was last read without an error, as a Unix time',
  ),
  shardOrdinal: gauge('shard_ordinal', 'Which shard this process is, counted from 0'),
  totalShards: gauge('total_shards', 'How many shards there are'),
  logLinesDropped: counter('log_lines_dropped_total', 'How many log lines were lost because nobody read them'),
} as const satisfies Readonly<Record<string, Instrument>>;

export type InstrumentKey = keyof typeof instruments;

function gauge<const L extends string = never>(name: string, what: string, labels?: readonly L[], origin?: string) {
  return instrument('gauge', name, what, labels, null, origin);
}

function counter<const L extends string = never>(name: string, what: string, labels?: readonly L[]) {
  return instrument('counter', name, what, labels, null);
}

function histogram<const L extends string>(
  name: string,
  what: string,
  labels: readonly L[],
  buckets: readonly number[],
) {
  return instrument('histogram', name, what, labels, buckets);
}

function instrument<const T extends Description['type'], const L extends string>(
  type: T,
  name: string,
  what: string,
  labels: readonly L[] = [],
  buckets: readonly number[] | null,
  origin?: string,
) {
  return {
    name: `mongodb_atlas_exporter_${name}`,
    help: exporterHelp(what, origin),
    type,
    labels,
    buckets,
  };
}
