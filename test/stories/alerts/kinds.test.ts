import { expect, test } from 'vitest';
import { kinds, stuckAfterMs } from '../../../src/domain/status.ts';
import { ruleFiles } from '../../support/rule-files.ts';
import { readRules } from '../../support/rule-overrides.ts';

const rules = ruleFiles.map(readRules).flatMap(({ groups }) => groups.flatMap((group) => group.rules));

/** From when on the rule calls a connection of this kind stuck, in seconds: every threshold whose selector takes it. */
function thresholds(expr: string, kind: string): readonly number[] {
  const parts = [
    ...expr.matchAll(
      /interface_endpoint_id="", kind(!?=~?)"([^"]*)"\}\s*- \d+ # threshold: stuckMarginSeconds\s*- (\d+)/g,
    ),
  ];
  return parts.flatMap(([, operator = '', words = '', seconds]) => {
    const matched = new RegExp(`^(?:${words})$`).test(kind);
    return matched === operator.startsWith('=') ? [Number(seconds)] : [];
  });
}

test.each(kinds)('the alert and the status page call a connection of kind %s stuck after the same time', (kind) => {
  const stuck = rules.find(({ record }) => record === 'mongodb_atlas:condition:overdue');
  expect(thresholds(stuck?.expr ?? '', kind)).toEqual([stuckAfterMs(kind) / 1000]);
});
