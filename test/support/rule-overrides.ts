/** Rules with other numbers: what the chart does with its values, here for tests that cannot wait an hour. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { ruleFiles } from './rule-files.ts';

export interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly interval?: string; readonly rules: readonly Rule[] }[];
}

export interface Overrides {
  /** By alert, else `otherwise`. */
  readonly holdFor: Readonly<Record<string, string>> & { readonly otherwise: string };
  /** By the name that stands beside the number in the files. */
  readonly thresholds: Readonly<Record<string, number>>;
  readonly interval?: string;
}

export function readRules(path: string): RuleFile {
  return parse(readFileSync(path, 'utf8')) as RuleFile;
}

/** Writes all rule files with these overrides into a folder, and gives their paths. */
export function writeRules(folder: string, overrides: Overrides): readonly string[] {
  return withOverrides(ruleFiles.map(readRules), overrides).map((text, index) => {
    const path = join(folder, `rules-${index}.yaml`);
    writeFileSync(path, text);
    return path;
  });
}

/** The file as YAML, with these overrides; throws when one of them meets nothing. */
function withOverrides(files: readonly RuleFile[], { holdFor, thresholds, interval }: Overrides): readonly string[] {
  const met = new Set<string>();
  const replaced = (expr: string) =>
    expr.replace(/[0-9.]+( # threshold: (\w+))/g, (whole, marker: string, name: string) => {
      met.add(name);
      return Object.hasOwn(thresholds, name) ? `${thresholds[name]}${marker}` : whole;
    });
  // What is counted since the evaluation before.
  const timed = (expr: string) => (interval === undefined ? expr : expr.replaceAll('offset 30s', `offset ${interval}`));
  const held = (rule: Rule) => {
    if (rule.alert === undefined || rule.for === undefined) return {};
    met.add(rule.alert);
    return { for: holdFor[rule.alert] ?? holdFor.otherwise };
  };
  const written = files.map(({ groups }) =>
    stringify({
      groups: groups.map((group) => ({
        ...group,
        ...(interval === undefined ? {} : { interval }),
        rules: group.rules.map((rule) => ({ ...rule, expr: timed(replaced(rule.expr)), ...held(rule) })),
      })),
    }),
  );
  const { otherwise: _, ...byName } = holdFor;
  const missed = [...Object.keys(byName), ...Object.keys(thresholds)].filter((name) => !met.has(name));
  if (missed.length > 0) throw new Error(`No such alert or threshold: ${missed.join(', ')}`);
  return written;
}
