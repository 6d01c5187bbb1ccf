/** What of the chart follows from other files: its table of values and the part of its schema that is the config file's. */
import { isMap, isPair, isScalar, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';

export interface Value {
  /** `image.tag` */
  readonly path: string;
  /** As JSON. */
  readonly initial: string;
  /** What the comment behind it, or above it, says. */
  readonly comment: string;
}

export interface Section {
  /** What the comment above it says, the key itself being clear. */
  readonly comment: string;
  readonly values: readonly Value[];
}

/** The values of a chart with their comments: a section for each key at the top that holds more than one. */
export function readValues(yaml: string): readonly Section[] {
  const { contents } = parseDocument(yaml);
  if (!isMap(contents)) throw new Error('The values are no map');
  return pairsOf(contents).map((pair) => ({
    comment: isBlock(pair.value) ? textOf(keyOf(pair).commentBefore) : '',
    values: valuesOf(pair, ''),
  }));
}

/** The table, as Markdown. */
export function valuesTable(sections: readonly Section[]): string {
  const rows = sections.flatMap(({ comment, values }) => [
    ...(comment === '' ? [] : [`| | | *${comment}* |`]),
    ...values.map(({ path, initial, comment: what }) => `| \`${path}\` | ${code(initial)} | ${cell(what)} |`),
  ]);
  return ['| value | default | |', '|---|---|---|', ...rows, ''].join('\n');
}

type JsonSchema = { readonly properties: Readonly<Record<string, JsonSchema>>; readonly [key: string]: unknown };

/** The schema of the chart with the config file's in it, but for what is the chart's own to say. */
export function withConfigSchema(chart: JsonSchema, config: JsonSchema): object {
  const { path: _, ...state } = config.properties['state']?.properties ?? {};
  const properties = { ...config.properties, state: { ...config.properties['state'], properties: state } };
  const { $schema: __, title: ___, ...rest } = config;
  return { ...chart, properties: { ...chart.properties, config: { ...rest, properties } } };
}

function valuesOf(pair: Pair, above: string): readonly Value[] {
  const path = above + String(keyOf(pair).value);
  const { value } = pair;
  if (isBlock(value)) return pairsOf(value).flatMap((inner) => valuesOf(inner, `${path}.`));
  const node = value as Node | null;
  return [
    {
      path,
      initial: JSON.stringify(node?.toJSON() ?? null),
      comment: textOf(node?.comment ?? keyOf(pair).commentBefore),
    },
  ];
}

/** A map written over several lines; one in braces is a value. */
function isBlock(value: unknown): value is YAMLMap {
  return isMap(value) && value.flow !== true;
}

function pairsOf(map: YAMLMap): readonly Pair[] {
  return map.items.filter(isPair);
}

function keyOf({ key }: Pair) {
  if (!isScalar(key)) throw new Error('A key is no text');
  return key;
}

/** The last of its paragraphs: what stands further up is about more than one value. */
function textOf(comment: string | null | undefined): string {
  const paragraph = (comment ?? '').split(/\n\s*\n/).at(-1) ?? '';
  return paragraph.replace(/\s*\n\s*/g, ' ').trim();
}

function code(text: string): string {
  return `\`${cell(text)}\``;
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
