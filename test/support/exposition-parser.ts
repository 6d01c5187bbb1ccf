/**
 * A strict reader of what `/metrics` says, written from the two specifications and not from the writer: it refuses what
 * they forbid, and what a careful exporter leaves out (empty lines, free comments, timestamps, exemplars).
 */
export type Format = 'text' | 'openmetrics';

export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ParsedFamily {
  /** As the header spells it: without `_total` for a counter in OpenMetrics. */
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ParsedSample[];
}

interface OpenFamily extends ParsedFamily {
  readonly samples: ParsedSample[];
}

const metricName = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const headerLine = new RegExp(`^# (HELP|TYPE) (${metricName}) (.*)$`, 's');
const sampleStart = new RegExp(`^${metricName}`);
const labelPart = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^\\"]|\\[\\"n])*)"/s;
const number = /^(?:NaN|[+-]Inf|[+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?)$/;
const canonicalBound = /^(?:\+Inf|-?(?:\d+\.\d+|\d(?:\.\d+)?e[+-]\d\d+))$/;
const suffixes: Readonly<Record<string, readonly string[]>> = {
  gauge: [''],
  counter: [''],
  histogram: ['_bucket', '_sum', '_count'],
};

/** Throws an Error that names the line and the rule. */
export function parse(input: string | Buffer | readonly Buffer[], format: Format): readonly ParsedFamily[] {
  const families: OpenFamily[] = [];
  const series = new Set<string>();
  let help: { name: string; text: string } | null = null;
  const lines = linesOf(input, format);
  lines.forEach((line, index) => {
    try {
      const header = headerLine.exec(line);
      if (!header) {
        if (line === '' || line.startsWith('#')) throw new Error('a line that is no header and no sample');
        if (help) throw new Error(`HELP of ${help.name} has no TYPE`);
        addSample(families.at(-1), parseSample(line), series, format);
        return;
      }
      const [, word, name = '', rest = ''] = header;
      if (word === 'HELP') {
        if (help) throw new Error(`HELP of ${help.name} has no TYPE`);
        help = { name, text: helpText(rest, format) };
      } else {
        if (help?.name !== name) throw new Error(`TYPE of ${name} has no HELP before it`);
        checkType(name, rest, families, format);
        families.push({ name, type: rest, help: help.text, samples: [] });
        help = null;
      }
    } catch (error) {
      throw new Error(`Line ${index + 1}: ${(error as Error).message}: ${JSON.stringify(line)}`);
    }
  });
  if (help) throw new Error('HELP without TYPE at the end');
  for (const family of families) checkFamily(family);
  checkClashes(families, format);
  return families;
}

function linesOf(input: string | Buffer | readonly Buffer[], format: Format): readonly string[] {
  const bytes = typeof input === 'string' ? input : Buffer.isBuffer(input) ? input : Buffer.concat(input);
  const text =
    typeof bytes === 'string' ? bytes : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  if (!text.isWellFormed()) throw new Error('A lone surrogate');
  if (format === 'openmetrics') {
    if (!text.endsWith('# EOF\n')) throw new Error('No # EOF at the end');
  } else if (text !== '' && !text.endsWith('\n')) throw new Error('No line feed at the end');
  const lines = text.split('\n').slice(0, format === 'openmetrics' ? -2 : -1);
  const early = lines.indexOf('# EOF');
  if (early >= 0) throw new Error(`Line ${early + 1}: # EOF where it does not belong`);
  return lines;
}

function helpText(text: string, format: Format): string {
  const legal = format === 'text' ? /^(?:[^\\]|\\[\\n])*$/s : /^(?:[^\\"]|\\[\\n"])*$/s;
  if (!legal.test(text)) throw new Error('a HELP with a wrong escape');
  if (text === '') throw new Error('an empty HELP');
  return unescaped(text);
}

function checkType(name: string, type: string, families: readonly ParsedFamily[], format: Format): void {
  if (!suffixes[type]) throw new Error(`the type ${type}`);
  if (families.some((family) => family.name === name)) throw new Error('a second header of one family');
  const total = name.endsWith('_total');
  if (type === 'counter' && total !== (format === 'text')) throw new Error('a counter under a wrong name');
}

function parseSample(line: string): ParsedSample {
  const name = sampleStart.exec(line)?.[0];
  if (name === undefined) throw new Error('no metric name');
  const labels: Record<string, string> = {};
  let rest = line.slice(name.length);
  if (rest.startsWith('{')) {
    do {
      const part = labelPart.exec(rest.slice(1));
      if (!part) throw new Error('a malformed label');
      const [whole, label = '', value = ''] = part;
      if (Object.hasOwn(labels, label)) throw new Error(`the label ${label} twice`);
      if (label.startsWith('__')) throw new Error(`the reserved label ${label}`);
      labels[label] = unescaped(value);
      rest = rest.slice(1 + whole.length);
    } while (rest.startsWith(','));
    if (!rest.startsWith('}')) throw new Error('labels that do not end');
    rest = rest.slice(1);
  }
  if (!rest.startsWith(' ') || !number.test(rest.slice(1))) throw new Error('something other than one value');
  return { name, labels, value: toNumber(rest.slice(1)) };
}

function addSample(family: OpenFamily | undefined, sample: ParsedSample, series: Set<string>, format: Format): void {
  const { name, labels, value } = sample;
  if (!family) throw new Error('a sample without a family');
  const total = family.type === 'counter' && format === 'openmetrics' ? '_total' : '';
  if (!suffixes[family.type]?.some((suffix) => name === family.name + total + suffix)) {
    throw new Error(`a sample that is not of ${family.name}`);
  }
  const bucket = family.type === 'histogram' && name.endsWith('_bucket');
  if (bucket !== Object.hasOwn(labels, 'le')) throw new Error('le where it does not belong, or none');
  if (bucket && !canonicalBound.test(labels['le'] ?? '')) throw new Error('le in another form than the canonical one');
  if (family.type !== 'gauge' && !name.endsWith('_sum') && !(value >= 0)) throw new Error('a count below 0');
  const identity = seriesOf(name, labels);
  if (series.has(identity)) throw new Error('a series twice');
  series.add(identity);
  family.samples.push(sample);
}

function checkFamily({ name, type, samples }: ParsedFamily): void {
  if (type !== 'histogram') return;
  const metrics = Map.groupBy(samples, ({ labels: { le: _, ...labels } }) => seriesOf(name, labels));
  if ([...metrics.values()].flat().some((sample, index) => sample !== samples[index])) {
    throw new Error(`${name}: samples of one label set stand apart`);
  }
  for (const metric of metrics.values()) {
    const buckets = metric.filter((sample) => sample.name.endsWith('_bucket'));
    const bounds = buckets.map(({ labels }) => toNumber(labels['le'] ?? ''));
    const counts = buckets.map(({ value }) => value);
    const count = metric.find((sample) => sample.name.endsWith('_count'))?.value;
    if (bounds.some((bound, index) => index > 0 && bound <= (bounds[index - 1] ?? bound))) {
      throw new Error(`${name}: buckets out of order`);
    }
    if (counts.some((value, index) => value < (counts[index - 1] ?? 0))) throw new Error(`${name}: counts that fall`);
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY || counts.at(-1) !== count) {
      throw new Error(`${name}: +Inf and _count disagree`);
    }
    if (!metric.some((sample) => sample.name.endsWith('_sum'))) throw new Error(`${name}: no _sum`);
  }
}

/** No family may be called like a sample that another family has or may have. */
function checkClashes(families: readonly ParsedFamily[], format: Format): void {
  const reserved = new Set<string>();
  for (const { name, type } of families) {
    const counter = format === 'openmetrics' ? ['', '_total', '_created'] : [''];
    const names = type === 'histogram' ? ['', '_bucket', '_sum', '_count'] : type === 'counter' ? counter : [''];
    for (const suffix of names) {
      if (reserved.has(name + suffix)) throw new Error(`Two families clash in ${name + suffix}`);
      reserved.add(name + suffix);
    }
  }
}

/** One name for a series, whatever the order of its labels: `name{a="b",c="d"}`. */
export function seriesOf(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((label) => `${label}=${JSON.stringify(labels[label])}`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}

/** Every series with its value: what a test compares, whatever the order. */
export function seriesIn(families: readonly ParsedFamily[]): Readonly<Record<string, number>> {
  const samples = families.flatMap((family) => family.samples);
  return Object.fromEntries(samples.map(({ name, labels, value }) => [seriesOf(name, labels), value]));
}

/** The samples of this name that have at least these labels. */
export function select(
  families: readonly ParsedFamily[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): readonly ParsedSample[] {
  return families
    .flatMap((family) => family.samples)
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value));
}

/** The value of the one sample that fits; undefined when none does, an Error when several do. */
export function valueIn(
  families: readonly ParsedFamily[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const [sample, ...others] = select(families, name, labels);
  if (others.length > 0) throw new Error(`${others.length + 1} samples fit ${seriesOf(name, labels)}`);
  return sample?.value;
}

function unescaped(text: string): string {
  return text.replace(/\\([\\"n])/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

function toNumber(text: string): number {
  return Number(text.replace('Inf', 'Infinity'));
}
