import { expect, test } from 'vitest';
import { consoleUrl } from '../../../src/pages/parts/consoles.ts';
import { aConnection, anInterfaceEndpoint } from '../../support/builders.ts';
import { aProject, aView, pageAt, projectId } from '../view.ts';

const azure = '/subscriptions/0a/resourceGroups/rg/providers/Microsoft.Network/privateEndpoints/pe';

test.each([
  [
    'AWS',
    'EU_WEST_1',
    'vpce-0123456789abcdef0',
    'https://eu-west-1.console.aws.amazon.com/vpcconsole/home?region=eu-west-1#EndpointDetails:vpcEndpointId=vpce-0123456789abcdef0',
  ],
  ['AWS', '', 'vpce-0123456789abcdef0', null],
  ['AWS', 'US_EAST_1', 'javascript:alert(1)', null],
  ['AZURE', 'westeurope', azure, `https://portal.azure.com/#@/resource${azure}`],
  ['AZURE', 'westeurope', '"><script>', null],
  ['GCP', 'us-east1', 'group-1', null],
])('%s %s %s', (cloud, region, id, url) => {
  expect(consoleUrl(cloud, region, id)).toBe(url);
});

test('a card leads to the project in Atlas and to the endpoint in its cloud, and to neither from a simulator', async () => {
  const connection = aConnection('c1', {
    status: 'FAILED',
    interfaceEndpoints: [anInterfaceEndpoint('vpce-0123456789abcdef0')],
  });
  const view = aView([aProject({}, [connection])]);
  const html = await pageAt('/', view, [], { atlasUrl: () => 'https://cloud.mongodb.com' });
  expect(html).toContain(`href="https://cloud.mongodb.com/v2/${projectId}#/security/network/privateEndpoint"`);
  expect(html).toContain('href="https://us-east-1.console.aws.amazon.com/vpcconsole/');
  expect(await pageAt('/', view)).not.toContain('href="https:');
});
