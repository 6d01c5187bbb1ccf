import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createExposition } from '../../src/exposition/exposition.ts';
import { aConnection, aSource, at, polled } from '../support/builders.ts';
import { parse, select } from '../support/exposition-parser.ts';
import { fuzzCases } from '../support/sizes.ts';

const exposition = createExposition({
  errorMessageText: () => true,
  clock: { wall: () => at(0).wall, monotonic: () => 0 },
  yieldTurn: async () => {},
});
const awkward = fc.constantFrom(
  ...'a1,"\\\n\r\t\0{}=#',
  '\u2028',
  '\ud800',
  '\udfff',
  '\ufeff',
  'é',
  '😀',
  '\ufffd',
  '} 1\n',
);
const text = fc.oneof(fc.string({ unit: awkward, maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 20 }));
const perPage = 40;
let revision = 0;

test(
  'label texts of any sort make a page that a strict parser reads, and no series twice',
  async () => {
    const connection = fc.record({ id: text, region: text, service: text, error: text });
    const page = fc.uniqueArray(connection, { selector: ({ id }) => id, minLength: perPage, maxLength: perPage });
    const source = aSource();
    await fc.assert(
      fc.asyncProperty(page, async (connections) => {
        const seen = connections.map(({ id, region, service, error }) =>
          aConnection(id, { region, endpointServiceName: service, errorMessage: error }),
        );
        const sources = [{ source, state: polled(source, seen) }];
        for (const format of ['text', 'openmetrics'] as const) {
          const pieces = await exposition.render(
            { revision: ++revision, sources, projects: [], removedProjects: [], own: async () => [] },
            format,
          );
          const families = parse(pieces, format);
          expect(select(families, 'mongodb_atlas_private_endpoint_connection_info')).toHaveLength(perPage);
        }
      }),
      { numRuns: Math.ceil(fuzzCases / perPage) },
    );
  },
  60_000 + 20 * fuzzCases,
);
