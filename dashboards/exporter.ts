import { type Dashboard, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame, several } from './frame.ts';
import { graph, stat } from './panels.ts';
import { exporter, ofProcess } from './queries.ts';

const rate = (series: string) => `rate(${series}[$__rate_interval])`;
const increase = (series: string) => `increase(${series}[$__rate_interval])`;
/** Of a classic histogram, or of the native one that Prometheus made of it (`convert_classic_histograms_to_nhcb`). */
const quantile = (q: number, family: string, by: string) =>
  `histogram_quantile(${q}, sum by (le, ${by}) (${rate(exporter(`${family}_bucket`))})) or histogram_quantile(${q}, sum by (${by}) (${rate(exporter(family))}))`;
const process = (family: string) => `${family}{${ofProcess}} and on (job, instance) ${exporter('build_info')}`;

/** The exporter itself: does it run, how hard does it work, and what holds it up. */
export function exporterItself(): Dashboard {
  const board = frame(
    'exporter',
    'Atlas private endpoints / Exporter',
    'The exporter itself: polls, requests, limits, state, memory',
  );
  board.withVariable(
    several(
      'instance',
      'Instance',
      'label_values(mongodb_atlas_exporter_build_info{cluster=~"$cluster", job=~"$job"}, instance)',
    ),
  );
  const rows = {
    Now: numbers(),
    Polls: polls(),
    'Requests to Atlas': requests(),
    'State and config': state(),
    Process: processes(),
  };
  for (const [title, panels] of Object.entries(rows)) {
    board.withRow(new RowBuilder(title));
    for (const panel of panels) board.withPanel(panel);
  }
  return board.build();
}

function numbers() {
  const size = { width: 3 };
  return [
    stat({
      ...size,
      title: 'Version',
      description: 'Which versions of the exporter run',
      text: 'version',
      query: `count by (version) (${exporter('build_info')})`,
    }),
    stat({
      ...size,
      title: 'Processes',
      description: 'Exporters that are scraped',
      alarm: 'red below 1',
      query: `count(${exporter('build_info')})`,
    }),
    stat({
      ...size,
      title: 'Shards missing',
      description: 'Shards that there should be and that are not scraped',
      alarm: 'red above 0',
      query: `sum(max by (job) (${exporter('total_shards')}) - count by (job) (count by (job, ordinal) (count_values by (job) ("ordinal", ${exporter('shard_ordinal')}))))`,
    }),
    stat({
      ...size,
      title: 'Projects',
      description: 'Projects that these processes are responsible for',
      query: `sum(${exporter('projects')})`,
    }),
    stat({
      ...size,
      title: 'Lists',
      description: 'Lists of projects that are polled: one for each project, kind and cloud',
      query: `count(${exporter('source_up')})`,
    }),
    stat({
      ...size,
      title: 'Lists that fail',
      description: 'Lists whose last poll failed, or that were never read',
      alarm: 'red above 0',
      query: `count((${exporter('source_up')} == 0) or ${exporter('source_last_success_timestamp_seconds')} == 0) or 0 * count(${exporter('source_up')})`,
    }),
    stat({
      ...size,
      title: 'State saved',
      description: '1 if every process could last save its state',
      alarm: 'red below 1',
      query: `min(${exporter('state_last_save_successful')})`,
    }),
    stat({
      ...size,
      title: 'Config accepted',
      description: '1 if every process accepted its config when it last read it',
      alarm: 'red below 1',
      query: `min(${exporter('config_last_reload_successful')})`,
    }),
  ];
}

function polls() {
  return [
    graph({
      title: 'Polls',
      description: 'Polls that ended in a second, and those of them that failed, by reason',
      width: 8,
      unit: 'ops',
      queries: {
        all: `sum(${rate(exporter('polls_total'))})`,
        '{{reason}}': `sum by (reason) (${rate(exporter('poll_failures_total'))}) > 0`,
      },
    }),
    graph({
      title: 'Time of a poll',
      description: 'How long polls take, by cloud: half of them and 99 of 100 are below',
      width: 8,
      unit: 's',
      queries: {
        '{{cloud_provider}} half': quantile(0.5, 'poll_duration_seconds', 'cloud_provider'),
        '{{cloud_provider}} 99 %': quantile(0.99, 'poll_duration_seconds', 'cloud_provider'),
      },
    }),
    graph({
      title: 'Polls that were skipped',
      description: 'Due and not begun: the one before still ran (overlap), or Atlas asked for a pause (limited)',
      width: 8,
      queries: { '{{reason}}': `sum by (reason) (${increase(exporter('polls_skipped_total'))})` },
    }),
    graph({
      title: 'Discovery',
      description: 'How long ago each organization was last listed completely',
      width: 12,
      unit: 's',
      queries: {
        '{{org_id}}': `time() - max by (org_id) (${exporter('discovery_last_success_timestamp_seconds')} > 0)`,
      },
    }),
    graph({
      title: 'Unknown statuses',
      description: 'How often something entered a status that this version does not know',
      width: 12,
      queries: { '{{kind}}': `sum by (kind) (${increase(exporter('unknown_statuses_total'))})` },
    }),
  ];
}

function requests() {
  return [
    graph({
      title: 'Requests',
      description:
        'Requests to Atlas in a second, by what they ask and how Atlas answers; a 401 to a digest challenge is normal',
      width: 12,
      unit: 'reqps',
      stacked: true,
      queries: { '{{operation}} {{code}}': `sum by (operation, code) (${rate(exporter('api_requests_total'))})` },
    }),
    graph({
      title: 'Time of a request',
      description: 'How long Atlas takes to answer: 99 of 100 requests are below',
      width: 12,
      unit: 's',
      queries: { '{{operation}}': quantile(0.99, 'api_request_duration_seconds', 'operation') },
    }),
    graph({
      title: 'Rate limit left',
      description: 'The lowest share of a rate limit that was left within the last minute, by credential',
      width: 8,
      unit: 'percentunit',
      queries: { '{{credential}}': `min by (credential) (${exporter('api_rate_limit_remaining_ratio')})` },
    }),
    graph({
      title: 'Pauses',
      description: 'How long nothing is sent because Atlas asked for it, by credential',
      width: 8,
      unit: 's',
      queries: {
        '{{credential}}': `clamp_min(max by (credential) (${exporter('api_backoff_until_timestamp_seconds')}) - time(), 0)`,
      },
    }),
    graph({
      title: 'Life of tokens',
      description: 'Service accounts: how long the access token is still good',
      width: 8,
      unit: 's',
      queries: { '{{credential}}': `min by (credential) (${exporter('token_expiry_timestamp_seconds')} > 0) - time()` },
    }),
  ];
}

function state() {
  return [
    graph({
      title: 'Time since the state was saved',
      description: 'It is saved when something changes, and success times every 15 seconds',
      width: 8,
      unit: 's',
      queries: { '{{instance}}': `time() - (${exporter('state_last_save_timestamp_seconds')} > 0)` },
    }),
    graph({
      title: 'Saves that failed',
      description: 'A full, read-only or failing volume: changes are kept in memory meanwhile',
      width: 8,
      queries: { '{{instance}}': increase(exporter('state_save_failures_total')) },
    }),
    graph({
      title: 'Time since the config was read',
      description: 'Counted from the last time at which it was read without an error',
      width: 8,
      unit: 's',
      queries: { '{{instance}}': `time() - ${exporter('config_last_reload_success_timestamp_seconds')}` },
    }),
  ];
}

function processes() {
  return [
    graph({
      title: 'Memory',
      description: 'Resident memory of each process, and the part of it that is the JavaScript heap',
      width: 8,
      unit: 'bytes',
      queries: {
        '{{instance}} resident': process('process_resident_memory_bytes'),
        '{{instance}} heap': process('nodejs_heap_size_used_bytes'),
      },
    }),
    graph({
      title: 'CPU',
      description: 'Cores that each process uses',
      width: 8,
      queries: {
        '{{instance}}': `rate(process_cpu_seconds_total{${ofProcess}}[$__rate_interval]) and on (job, instance) ${exporter('build_info')}`,
      },
    }),
    graph({
      title: 'Delay of the event loop',
      description: 'How late Node gets round to things: 99 of 100 are below. Above a second, scrapes suffer',
      width: 8,
      unit: 's',
      queries: { '{{instance}}': process('nodejs_eventloop_lag_p99_seconds') },
    }),
    graph({
      title: 'Open files',
      description: 'Files and sockets that each process has open',
      width: 8,
      queries: { '{{instance}}': process('process_open_fds') },
    }),
    graph({
      title: 'Series',
      description: 'How many samples Prometheus gets from each process',
      width: 8,
      queries: {
        '{{instance}}': `scrape_samples_scraped{${ofProcess}} and on (job, instance) ${exporter('build_info')}`,
      },
    }),
    graph({
      title: 'Time of a scrape',
      description: 'How long the exporter takes to answer Prometheus',
      width: 8,
      unit: 's',
      queries: {
        '{{instance}}': `scrape_duration_seconds{${ofProcess}} and on (job, instance) ${exporter('build_info')}`,
      },
    }),
  ];
}
