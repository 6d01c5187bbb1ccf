/**
 * Rows to text 0.0.4 and OpenMetrics 1.0. Sample lines are the same in both; headers and the end differ.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 * https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md
 */
import type { Description, Emit, Family, Format, OwnFamily, OwnSample } from './family.ts';

type Named = Pick<Description, 'name' | 'help' | 'type'>;

/** The HELP and TYPE lines of a family. OpenMetrics names a counter without its `_total`. */
export function headerText({ name, help, type }: Named, format: Format): string {
  const openMetrics = format === 'openmetrics';
  const shown = openMetrics && type === 'counter' ? name.replace(/_total$/, '') : name;
  const text = help.replace(openMetrics ? /[\\\n"]/g : /[\\\n]/g, escapeCharacter);
  return `# HELP ${shown} ${text}\n# TYPE ${shown} ${type}\n`;
}

/** What follows the last family. */
export function endText(format: Format): string {
  return format === 'openmetrics' ? '# EOF\n' : '';
}

/** The sample lines that a family has for these items; '' when it has none. */
export function sampleText<T>(family: Family<T>, items: Iterable<T>): string {
  const [opening = '', ...separators] = lineParts(family);
  let text = '';
  const emit: Emit = (labelValues, value, further) => {
    let line = opening;
    for (let index = 0; index < separators.length; index++) {
      line += labelText(labelValues[index] ?? '') + separators[index];
    }
    text += `${line}${further ? furtherText(further) : ''}${separators.length > 0 ? '} ' : ' '}${numberText(value)}\n`;
  };
  for (const item of items) family.samples(item, emit);
  return text;
}

/** What stands before, between and after the label values of every line of a family. */
function lineParts(family: Description): readonly string[] {
  const known = knownParts.get(family);
  if (known) return known;
  const { name, labels } = family;
  const separators = labels.slice(1).map((label) => `",${label}="`);
  const parts = labels.length === 0 ? [name] : [`${name}{${labels[0]}="`, ...separators, '"'];
  knownParts.set(family, parts);
  return parts;
}

const knownParts = new WeakMap<Description, readonly string[]>();

function furtherText(further: Readonly<Record<string, string>>): string {
  return Object.entries(further)
    .map(([name, value]) => `,${name}="${labelText(value)}"`)
    .join('');
}

/** The sample lines of one of the exporter's own instruments. */
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
// The lone surrogates, NUL, and a U+FFFD that reads as if it stood for one of them.
const unwritable = /[\0\p{Surrogate}]|\uFFFD(?=d[89a-f][\da-f]{2}|0000|fffd)/gu;

/**
 * A label value as it stands between its quotes. What UTF-8 cannot hold (a lone surrogate) and what some parsers take for
 * the end (NUL) becomes U+FFFD followed by its code, so that two texts that differ stay two series.
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

/** A sample's value. */
export function numberText(value: number): string {
  if (Number.isFinite(value)) return `${value}`;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/** A bucket's bound in the one form that OpenMetrics wants of it: `1.0`, `0.005`, `1e+06`, `+Inf`. */
export function canonicalText(bound: number): string {
  if (!Number.isFinite(bound)) return numberText(bound);
  const [digits = '', exponent = ''] = bound.toExponential().split('e');
  const power = Number(exponent);
  if (bound !== 0 && (power < -4 || power >= 6)) {
    return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound);
}
