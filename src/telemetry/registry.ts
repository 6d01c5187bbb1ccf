/** prom-client, kept in one place: the instruments that count, and the exporter's own families as data for the writer. */

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry as PromRegistry } from 'prom-client';
import type { ApiObserver } from '../domain/credential.ts';
import { failureReasons } from '../domain/failure.ts';
import { type PollOutcome, type SkipReason, skipReasons } from '../domain/poll.ts';
import type { Source } from '../domain/source.ts';
import { kinds } from '../domain/status.ts';
import type { OwnFamily, OwnSample } from '../metrics/family.ts';
import { type Instrument, type InstrumentKey, instruments } from '../metrics/instruments.ts';
import { type Observed, readings } from '../metrics/observed.ts';

export interface Registry {
  readonly requests: ApiObserver;
  pollFinished(source: Source, outcome: PollOutcome, seconds: number): void;
  pollSkipped(reason: SkipReason): void;
  unknownStatuses(kind: string, count: number): void;
  /** Every instrument in the order of the catalogue, then `process_*` and `nodejs_*`. */
  own(observed: Observed): Promise<readonly OwnFamily[]>;
}

/** Default metrics that promtool's lint refuses: they end in `_total` and are no counters. */
const refused = /^nodejs_active_(?:handles|requests|resources)_total$/;

/** Creates a registry of its own for each app: two may run in one process. */
export function createRegistry(): Registry {
  const registry = new PromRegistry();
  const counting = createInstruments(registry);
  const { polls, pollFailures, pollsSkipped, pollDuration, apiRequests, apiRequestDuration } = counting;
  for (const reason of failureReasons) pollFailures.inc({ reason }, 0);
  for (const reason of skipReasons) pollsSkipped.inc({ reason }, 0);
  for (const kind of kinds) counting.unknownStatuses.inc({ kind }, 0);
  collectDefaultMetrics({ register: registry });

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
    unknownStatuses: (kind, count) => counting.unknownStatuses.inc({ kind }, count),
    async own(observed) {
      const counted = new Map((await registry.getMetricsAsJSON()).map((metric) => [metric.name, toOwnFamily(metric)]));
      const shown = Object.entries(instruments).flatMap(([key, { name, help, type }]) => {
        const family = isRead(key) ? { name, help, type, samples: readings[key](observed) } : counted.get(name);
        counted.delete(name);
        return family ?? [];
      });
      return [...shown, ...[...counted.values()].filter(({ name }) => !refused.test(name))];
    },
  };
}

type ReadKey = keyof typeof readings;
type Counting<I extends Instrument> = I['type'] extends 'counter'
  ? Counter<I['labels'][number]>
  : I['type'] extends 'gauge'
    ? Gauge<I['labels'][number]>
    : Histogram<I['labels'][number]>;
type Instruments = { readonly [K in Exclude<InstrumentKey, ReadKey>]: Counting<(typeof instruments)[K]> };

/** One instrument of prom-client for each row of the table that is not read off. */
function createInstruments(registry: PromRegistry): Instruments {
  const create = ({ name, help, type, labels, buckets }: Instrument) => {
    const config = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === 'counter') return new Counter(config);
    return type === 'gauge' ? new Gauge(config) : new Histogram({ ...config, buckets: [...(buckets ?? [])] });
  };
  const rows = Object.entries(instruments).filter(([key]) => !isRead(key));
  // The type of each row decides which class it gets, which no signature of Object.fromEntries can say.
  return Object.fromEntries(rows.map(([key, instrument]) => [key, create(instrument)])) as unknown as Instruments;
}

function isRead(key: string): key is ReadKey {
  return key in readings;
}

type JsonMetric = Awaited<ReturnType<PromRegistry['getMetricsAsJSON']>>[number];

/** Reads a metric of prom-client: its `type` is a word although it is declared a number, and histograms name each sample. */
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
