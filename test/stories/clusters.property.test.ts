/** Random clusters, regions and links, from Atlas' answer to the exposition and the page, against a model that is naive. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseClusters } from '../../src/atlas/lists/clusters.ts';
import { recordPoll, unpolled } from '../../src/domain/poll.ts';
import { createExposition } from '../../src/exposition/exposition.ts';
import { visibleText } from '../../src/pages/facts/words.ts';
import { aProject, aView, pageAt, projectId, textOf } from '../pages/view.ts';
import { aConnection, aLinkList, anInterfaceEndpoint, aSource, at } from '../support/builders.ts';
import { parse, select } from '../support/exposition-parser.ts';

const regions = ['US_EAST_1', 'EU_WEST_1', 'AP_SOUTH_1'] as const;
/** What Atlas allows, and what would break labels, HTML, paths, templates of alerts or PromQL. */
const atlasName = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9-]{0,20}$/);
const hostileName = fc.constantFrom(
  ...[
    '"',
    '\\',
    '\\n',
    'a"} 1',
    '<script>alert(1)</script>',
    '&amp;',
    '%2e%2e/',
    '{{ .Labels }}',
    '$(id)',
    "'",
    'é😀',
    '__proto__',
    'constructor',
    'a,b=c',
    '#',
  ],
);
const endpointIds = ['vpce-1', 'vpce-2', 'vpce-3'] as const;

const aWireCluster = fc.record({
  name: fc.oneof({ weight: 4, arbitrary: atlasName }, { weight: 1, arbitrary: hostileName }),
  state: fc.constantFrom('IDLE', 'UPDATING', 'DELETING', 'HIBERNATING'),
  paused: fc.boolean(),
  regions: fc.array(
    fc.record({ providerName: fc.constantFrom('AWS', 'AWS', 'TENANT'), regionName: fc.constantFrom(...regions) }),
    { maxLength: 4 },
  ),
  strings: fc.array(
    fc.record({
      text: fc.constantFrom('mongodb://pl-0.a.mongodb.net:1024/', 'mongodb+srv://a', 'no uri', ' ', null),
      through: fc.uniqueArray(fc.constantFrom(...endpointIds)),
    }),
    { maxLength: 3 },
  ),
  shape: fc.constantFrom('whole', 'whole', 'whole', 'no connectionStrings', 'null', 'empty'),
});
const aLink = fc.record({
  region: fc.constantFrom(...regions),
  status: fc.constantFrom('AVAILABLE', 'FAILED', 'INITIATING'),
  endpoint: fc.constantFrom('AVAILABLE', 'REJECTED', null),
});
type WireCluster = typeof aWireCluster extends fc.Arbitrary<infer T> ? T : never;

function written({ name, state, paused, regions: configs, strings, shape }: WireCluster): object {
  const privateEndpoint = strings.map(({ text, through }) => ({
    connectionString: text,
    endpoints: through.map((endpointId) => ({ endpointId, providerName: 'AWS', region: 'US_EAST_1' })),
  }));
  const connectionStrings = { whole: { privateEndpoint }, null: null, empty: {}, 'no connectionStrings': undefined }[
    shape
  ];
  return { name, stateName: state, paused, replicationSpecs: [{ regionConfigs: configs }], connectionStrings };
}

const exposition = createExposition({
  errorMessageText: () => true,
  clock: { wall: () => at(0).wall, monotonic: () => 0 },
  yieldTurn: async () => {},
});
let revision = 0;

test('each cluster is told with its strings, regions and endpoints as a naive model has them, whatever its name', async () => {
  const clusters = fc.uniqueArray(aWireCluster, { selector: ({ name }) => name, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(clusters, fc.array(aLink, { maxLength: 5 }), async (told, links) => {
      const source = aSource({ kind: 'connection_strings', cloudProvider: '' });
      const answer: unknown = JSON.parse(JSON.stringify(told.map(written)));
      const reading = { api: 'v2', connections: [], clusters: await parseClusters(answer) } as const;
      const { state } = recordPoll(source, unpolled, { ok: true, reading }, at(0));
      const linkList = aLinkList(
        links.map(({ region, status, endpoint }, index) =>
          aConnection(`c${index}`, {
            ...{ region, status },
            interfaceEndpoints: endpoint === null ? [] : [anInterfaceEndpoint(`e${index}`, { status: endpoint })],
          }),
        ),
      );
      const sources = [{ source, state }, linkList];
      for (const format of ['text', 'openmetrics'] as const) {
        const page = { revision: ++revision, sources, projects: [], removedProjects: [], own: async () => [] };
        const families = parse(await exposition.render(page, format), format);
        const found = (family: string) =>
          select(families, `mongodb_atlas_cluster_${family}`)
            .map(({ labels, value }) => {
              const { cluster_name: name, atlas_region: region = '', interface_endpoint_id: id = '' } = labels;
              return `${name} ${region}${id} ${value}`;
            })
            .sort();
        const counted = (one: WireCluster) =>
          one.shape === 'whole' ? one.strings.filter(({ text }) => text !== null && text.trim() !== '') : [];
        expect(found('private_connection_strings')).toEqual(
          told.map((one) => `${one.name}  ${counted(one).length}`).sort(),
        );
        expect(found('interface_endpoint_info')).toEqual(
          told
            .flatMap((one) =>
              [...new Set(counted(one).flatMap(({ through }) => through))].map((id) => `${one.name} ${id} 1`),
            )
            .sort(),
        );
        const isReady = (region: string) =>
          links.some((one) => one.region === region && one.status === 'AVAILABLE' && one.endpoint === 'AVAILABLE');
        const regionsOf = ({ regions: configs }: WireCluster) =>
          new Set(configs.filter(({ providerName }) => providerName === 'AWS').map(({ regionName }) => regionName));
        expect(found('region_private_endpoint_ready')).toEqual(
          links.length === 0
            ? []
            : told
                .flatMap((one) =>
                  [...regionsOf(one)].map((region) => `${one.name} ${region} ${isReady(region) ? 1 : 0}`),
                )
                .sort(),
        );
      }
      const project = aProject({ source: { key: 'links' } }, []);
      const view = { ...project, sources: [...sources.map((one) => ({ ...one, nextPollAt: null }))] };
      const html = await pageAt(`/projects/${projectId}`, aView([view]));
      expect(html).not.toMatch(/<script>alert/);
      for (const { name } of told) expect(textOf(html)).toContain(visibleText(name));
    }),
    { numRuns: 60 },
  );
}, 120_000);
