/** The one table, in Markdown: it is pasted into docs/performance.md as it is. */
import type { Probed } from './exporter.ts';
import { rounded } from './figures.ts';
import type { PollCost } from './poll.ts';
import type { Compared } from './scrape.ts';

export interface Results {
  readonly size: string;
  readonly series: number;
  readonly bytes: number;
  readonly scrapes: readonly Compared[];
  readonly poll: { readonly ours: PollCost; readonly bare: PollCost };
  readonly loop: Probed;
  /** Only gzip is asked for, as Prometheus does; then after a plain scrape. */
  readonly residentBytes: number;
  readonly residentPlainBytes: number;
  readonly startEmptyMs: number;
  readonly startRestoredMs: number;
}

export interface Run {
  readonly machine: string;
  readonly rounds: number;
  readonly idleBytes: number;
  readonly results: readonly Results[];
  /** By figure: the exponent with which it grows with the number of series. */
  readonly growth: Readonly<Record<string, number>>;
}

type Row = readonly [what: string, ...cells: readonly string[]];

const mebibytes = (bytes: number) => `${rounded(bytes / 2 ** 20)} MiB`;
const ms = (value: number) => `${rounded(value)} ms`;

export function table({ machine, rounds, idleBytes, results, growth }: Run): string {
  const [smallest] = results;
  const row = (what: string, cell: (result: Results) => string): Row => [what, ...results.map(cell)];
  const whats = [...new Set(results.flatMap(({ scrapes }) => scrapes.map(({ what }) => what)))];
  const rows: readonly Row[] = [
    row('series', ({ series }) => `${series}`),
    row('size of an answer', ({ bytes }) => `${rounded(bytes / 1e6)} MB`),
    ...whats.map((what) =>
      row(`scrape: ${what}`, ({ scrapes }) => comparedCell(scrapes.find((one) => one.what === what))),
    ),
    row('CPU of an unchanged poll', ({ poll }) => `${ratio(poll.ours.cpuMs, poll.bare.cpuMs)} bare loop`),
    row('time of an unchanged poll', ({ poll }) => `${ratio(poll.ours.wallMs, poll.bare.wallMs)} bare loop`),
    row('requests per poll', ({ poll }) => `${rounded(poll.ours.requests)}`),
    row('event loop delay while polling, p99.9', ({ loop }) => ms(loop.p999)),
    row('event loop delay while polling, maximum', ({ loop }) => ms(loop.max)),
    row('resident memory', ({ residentBytes }) => mebibytes(residentBytes)),
    row('resident memory per further series', ({ residentBytes, series }) =>
      smallest && series > smallest.series
        ? `${rounded((residentBytes - smallest.residentBytes) / (series - smallest.series))} bytes`
        : '',
    ),
    row('resident memory after a plain scrape', ({ residentPlainBytes }) => mebibytes(residentPlainBytes)),
    row('start to first scrape, empty state', ({ startEmptyMs }) => ms(startEmptyMs)),
    row('start to first scrape, restored', ({ startRestoredMs }) => ms(startRestoredMs)),
  ];
  return [
    `${machine}; medians of ${rounds}; an idle Node holds ${mebibytes(idleBytes)}.`,
    '',
    line(['', ...results.map(({ size }) => size)]),
    line(['---', ...results.map(() => '---')]),
    ...rows.map(line),
    '',
    'Growth with the number of series, as an exponent (1 is as fast):',
    '',
    ...Object.entries(growth).map(([name, value]) => `- ${name}: ${value}`),
  ].join('\n');
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Medians, then both 99th percentiles and how many were answered in a second. */
function comparedCell(compared: Compared | undefined): string {
  if (!compared) return 'not measured';
  const { ours, theirs, beside } = compared;
  if (beside === 'prom-client')
    return `${rounded(ours.p50)} ms, prom-client ${rounded(theirs.p50)}: ${rounded(theirs.p50 / ours.p50)} × faster`;
  const tails = `p99 ${rounded(ours.p99)} / ${rounded(theirs.p99)}`;
  const rates = `${rounded(ours.perSecond ?? Number.NaN)} / ${rounded(theirs.perSecond ?? Number.NaN)} a second`;
  return `${ratio(ours.p50, theirs.p50)} nginx (${tails}; ${rates})`;
}

function ratio(ours: number, theirs: number): string {
  return `${rounded(ours)} ms, ${rounded(ours / theirs)} ×`;
}
