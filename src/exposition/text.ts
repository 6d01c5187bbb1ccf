/**
 * The writer of text 0.0.4 and OpenMetrics 1.0. Sample lines are the same in both; headers and the end differ.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 * https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
 */

import type { Description, Emit, Family, Format, OwnFamily, OwnSample } from '../metrics/family.ts';
import { createLineBuffer, type LineBuffer } from './line-buffer.ts';

type Named = Pick<Description, 'name' | 'help' | 'type'>;

/** The HELP and TYPE lines of a family. OpenMetrics names a counter without its `_total`. */
export function headerText({ name, help, type }: Named, format: Format): string {
  const openMetrics = format === 'openmetrics';
  const shown = openMetrics && type === 'counter' ? name.replace(/_total$/, '') : name;
  const text = help.replace(openMetrics ? /[\\\n"]/g : /[\\\n]/g, escapeCharacter);
  return `# HELP ${shown} ${text}\n# TYPE ${shown} ${type}\n`;
}

/** The text after the last family. */
export function endText(format: Format): string {
  return format === 'openmetrics' ? '# EOF\n' : '';
}

/** A writer of the sample lines of one family. */
export interface Samples<T> {
  add(items: Iterable<T>): void;
  readonly take: LineBuffer['take'];
  clear(): void;
}

/** Creates the writer of a family. Labels that equal those of the line before are copied as bytes, which is fast. */
export function createSamples<T>({ name, labels, samples }: Family<T>): Samples<T> {
  const buffer = createLineBuffer();
  const opening = labels.length === 0 ? name : `${name}{${labels[0]}="`;
  // The text after the value of each label.
  const separators = labels.map((_, index) => (index + 1 < labels.length ? `",${labels[index + 1]}="` : '"'));
  const closing = labels.length === 0 ? ' ' : '} ';
  // The line before: where it begins, its label values, and how many of its bytes precede each value.
  let start: number | null = null;
  const values: string[] = [];
  const ahead: number[] = [];

  const emit: Emit = (labelValues, value, last, further) => {
    const from = buffer.length();
    let index = 0;
    if (start === null) buffer.add(opening);
    else {
      while (index < labels.length - 1 && labelValues[index] === values[index]) index += 1;
      buffer.repeat(start, start + (ahead[index] ?? opening.length));
    }
    start = from;
    for (; index < labels.length; index++) {
      const shown = labelValues[index] ?? last ?? '';
      values[index] = shown;
      ahead[index] = buffer.length() - from;
      buffer.add(labelText(shown));
      buffer.add(separators[index] as string);
    }
    if (further) buffer.add(furtherText(further));
    buffer.add(closing);
    buffer.add(numberText(value));
    buffer.add('\n');
  };
  return {
    add(items) {
      for (const item of items) samples(item, emit);
    },
    take() {
      start = null;
      return buffer.take();
    },
    clear() {
      start = null;
      buffer.clear();
    },
  };
}

function furtherText(further: Readonly<Record<string, string>>): string {
  return Object.entries(further)
    .map(([name, value]) => `,${name}="${labelText(value)}"`)
    .join('');
}

/** The sample lines of one of the exporter's own families. */
export function ownSampleText({ name, samples }: OwnFamily): string {
  return samples.map((sample) => `${name}${sample.suffix}${ownLabels(sample)} ${numberText(sample.value)}\n`).join('');
}

function ownLabels({ labels }: OwnSample): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${typeof value === 'number' ? canonicalText(value) : labelText(value)}"`,
  );
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

const special = /[\\"\n\0\uD800-\uDFFF\uFFFD]/;
// Lone surrogates, NUL, and a U+FFFD that is followed by a code and would read as one of them.
const unwritable = /[\0\p{Surrogate}]|\uFFFD(?=d[89a-f][\da-f]{2}|0000|fffd)/gu;

/**
 * A label value, escaped as it stands between quotes. UTF-8 cannot hold a lone surrogate, and some parsers take NUL for the
 * end. Both become U+FFFD followed by their code, so that two different texts stay two series.
 */
export function labelText(value: string): string {
  if (!special.test(value)) return value;
  return value
    .replace(unwritable, (unit) => `\uFFFD${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replace(/[\\"\n]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return character === '\n' ? '\\n' : `\\${character}`;
}

/** The value of a sample. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return `${value}`;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/** The bound of a bucket in the one form that OpenMetrics allows: `1.0`, `0.005`, `1e+06`, `+Inf`. */
export function canonicalText(bound: number): string {
  if (!Number.isFinite(bound)) return numberText(bound);
  const [digits = '', exponent = ''] = bound.toExponential().split('e');
  const power = Number(exponent);
  if (bound !== 0 && (power < -4 || power >= 6)) {
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound);
}
