/** prom-client, kept in one place: the exporter's own instruments, read out as data for the one writer of expositions. */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry as PromRegistry } from 'prom-client';
import { failureReasons } from '../domain/failure.ts';
import type { PollOutcome } from '../domain/poll.ts';
import type { Source } from '../domain/source.ts';
import { kinds } from '../domain/status.ts';
import type { OwnFamily, OwnSample } from '../metrics/family.ts';
import { instruments } from '../metrics/instruments.ts';

export interface RegistryOptions {
  readonly version: string;
  readonly revision: string;
  readonly nodeVersion: string;
  readonly droppedLogLines: () => number;
}

/** What is read off other parts when somebody scrapes. Wall ms, null for none. */
export interface Observed {
  readonly credentials: readonly {
    readonly name: string;
    readonly type: string;
    readonly backoffUntil: number | null;
    readonly tokenExpiresAt: number | null;
    readonly remainingRatio: number | null;
  }[];
  readonly projects: number;
  readonly discovery: readonly {
    readonly organization: string;
    readonly up: boolean;
    readonly lastSuccessAt: number | null;
  }[];
  readonly state: {
    readonly restored: boolean;
    readonly lastSaveSuccessful: boolean;
    readonly lastSaveAt: number | null;
    readonly saveFailures: number;
  };
}

export interface Registry {
  readonly requests: {
    request(event: { readonly operation: string; readonly code: number | 'none'; readonly seconds: number }): void;
  };
  pollFinished(source: Source, outcome: PollOutcome, seconds: number): void;
  pollSkipped(reason: 'overlap' | 'limited'): void;
  unknownStatuses(kind: string, count: number): void;
  reloaded(successful: boolean, now: number): void;
  shard(ordinal: number, total: number): void;
  observe(observed: Observed): void;
  /** Every instrument in the order of the catalogue, then `process_*` and `nodejs_*`. */
  own(): Promise<readonly OwnFamily[]>;
}

const pollBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const requestBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** promtool's lint refuses these three: they are no counters, and are called so. */
const refused = /^nodejs_active_(?:handles|requests|resources)_total$/;

/** A registry of its own for each app: two may run in one process. */
export function createRegistry({ version, revision, nodeVersion, droppedLogLines }: RegistryOptions): Registry {
  const registry = new PromRegistry();
  const registers = [registry];
  const made = (key: keyof typeof instruments) => {
    const { name, help, labels } = instruments[key];
    return { name, help, labelNames: [...labels], registers };
  };
  const gauge = (key: keyof typeof instruments) => new Gauge(made(key));
  const counter = (key: keyof typeof instruments) => new Counter(made(key));

  const buildInfo = gauge('buildInfo');
  const polls = counter('polls');
  const pollFailures = counter('pollFailures');
  const pollsSkipped = counter('pollsSkipped');
  const pollDuration = new Histogram({ ...made('pollDuration'), buckets: pollBuckets });
  const apiRequests = counter('apiRequests');
  const apiRequestDuration = new Histogram({ ...made('apiRequestDuration'), buckets: requestBuckets });
  const rateLimitRemaining = gauge('rateLimitRemaining');
  const backoffUntil = gauge('backoffUntil');
  const tokenExpiry = gauge('tokenExpiry');
  const projects = gauge('projects');
  const discoveryUp = gauge('discoveryUp');
  const discoveryLastSuccess = gauge('discoveryLastSuccess');
  const unknownStatuses = counter('unknownStatuses');
  const stateRestored = gauge('stateRestored');
  const stateLastSaveSuccessful = gauge('stateLastSaveSuccessful');
  const stateLastSave = gauge('stateLastSave');
  const stateSaveFailures = counter('stateSaveFailures');
  const reloadSuccessful = gauge('reloadSuccessful');
  const reloadSuccess = gauge('reloadSuccess');
  const shardOrdinal = gauge('shardOrdinal');
  const totalShards = gauge('totalShards');
  const logLinesDropped = counter('logLinesDropped');

  buildInfo.set({ version, revision, node_version: nodeVersion }, 1);
  for (const reason of failureReasons) pollFailures.inc({ reason }, 0);
  for (const reason of ['overlap', 'limited']) pollsSkipped.inc({ reason }, 0);
  for (const kind of kinds) unknownStatuses.inc({ kind }, 0);
  shardOrdinal.set(0);
  totalShards.set(1);
  collectDefaultMetrics({ register: registry });

  const setTotal = (instrument: Counter, total: number) => {
    instrument.reset();
    instrument.inc(total);
  };

  return {
    requests: {
      request({ operation, code, seconds }) {
        apiRequests.inc({ operation, code });
        apiRequestDuration.observe({ operation }, seconds);
      },
    },
    pollFinished({ kind, cloudProvider }, outcome, seconds) {
      polls.inc();
      if (!outcome.ok) pollFailures.inc({ reason: outcome.failure.reason });
      pollDuration.observe({ kind, cloud_provider: cloudProvider }, seconds);
    },
    pollSkipped: (reason) => pollsSkipped.inc({ reason }),
    unknownStatuses: (kind, count) => unknownStatuses.inc({ kind }, count),
    reloaded(successful, now) {
      reloadSuccessful.set(successful ? 1 : 0);
      if (successful) reloadSuccess.set(now / 1000);
    },
    shard(ordinal, total) {
      shardOrdinal.set(ordinal);
      totalShards.set(total);
    },
    observe({ credentials, projects: count, discovery, state }) {
      projects.set(count);
      for (const instrument of [rateLimitRemaining, backoffUntil, tokenExpiry, discoveryUp, discoveryLastSuccess])
        instrument.reset();
      for (const { name: credential, type, remainingRatio, backoffUntil: until, tokenExpiresAt } of credentials) {
        if (remainingRatio !== null) rateLimitRemaining.set({ credential }, remainingRatio);
        backoffUntil.set({ credential }, (until ?? 0) / 1000);
        if (type === 'serviceAccount') tokenExpiry.set({ credential }, (tokenExpiresAt ?? 0) / 1000);
      }
      for (const { organization: org_id, up, lastSuccessAt } of discovery) {
        discoveryUp.set({ org_id }, up ? 1 : 0);
        discoveryLastSuccess.set({ org_id }, (lastSuccessAt ?? 0) / 1000);
      }
      stateRestored.set(state.restored ? 1 : 0);
      stateLastSaveSuccessful.set(state.lastSaveSuccessful ? 1 : 0);
      stateLastSave.set((state.lastSaveAt ?? 0) / 1000);
      setTotal(stateSaveFailures, state.saveFailures);
      setTotal(logLinesDropped, droppedLogLines());
    },
    async own() {
      const metrics = await registry.getMetricsAsJSON();
      return metrics.filter(({ name }) => !refused.test(name)).map(toOwnFamily);
    },
  };
}

type JsonMetric = Awaited<ReturnType<PromRegistry['getMetricsAsJSON']>>[number];

/** As prom-client has it: `type` is a word although it is declared a number, and histograms name each sample. */
function toOwnFamily(metric: JsonMetric): OwnFamily {
  const { name, help } = metric;
  const type = String(metric.type) as OwnFamily['type'];
  const samples = metric.values.map((value): OwnSample => {
    const full = 'metricName' in value && typeof value.metricName === 'string' ? value.metricName : name;
    const suffix = full.slice(name.length) as OwnSample['suffix'];
    const labels = Object.fromEntries(
      Object.entries(value.labels).map(([label, text]) => [label, label === 'le' ? toBound(text) : String(text)]),
    );
    return { suffix, labels, value: value.value };
  });
  return { name, help, type, samples };
}

function toBound(le: string | number | undefined): number {
  return le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le);
}
