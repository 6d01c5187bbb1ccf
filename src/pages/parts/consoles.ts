/** Links to the thing itself: the project's page in Atlas, and an interface endpoint in the console of its cloud. */
import { html } from 'hono/html';
import type { Row } from '../facts/standing.ts';
import { visibleText } from '../facts/words.ts';
import type { Html } from '../html.ts';

export interface Consoles {
  /** Nothing where no address is known. */
  links(row: Row): Html | '';
}

const mostEndpoints = 5;

/** `atlasUrl`: where Atlas is, as in `https://cloud.mongodb.com`; null where that is no Atlas for people, such as a simulator. */
export function createConsoles(atlasUrl: () => string | null): Consoles {
  return {
    links(row) {
      const atlas = atlasUrl();
      const links = [...(atlas === null ? [] : [atlasLink(atlas, row)]), ...(atlas === null ? [] : cloudLinks(row))];
      return links.length === 0 ? '' : html`<p class="consoles">Look at it: ${links}</p>`;
    },
  };
}

function atlasLink(atlas: string, { project, source }: Row): Html {
  const page = source.source.kind === 'cluster' ? '#/security/network/privateEndpoint' : '';
  return anchor(`${atlas}/v2/${project.id}${page}`, 'Atlas');
}

function cloudLinks({ connection, endpoints }: Row): readonly Html[] {
  return endpoints.slice(0, mostEndpoints).flatMap(({ endpoint: { id } }) => {
    const url = consoleUrl(connection.cloudProvider, connection.region, id);
    return url === null
      ? []
      : [anchor(url, `${connection.cloudProvider} ${visibleText(id.slice(id.lastIndexOf('/') + 1))}`)];
  });
}

/** The page of an interface endpoint in the console of its cloud; null where its id is not enough for one. */
export function consoleUrl(cloud: string, atlasRegion: string, id: string): string | null {
  if (cloud === 'AWS' && /^vpce-[0-9a-f]{8,17}$/.test(id) && /^[A-Z]{2}_[A-Z_]+_\d$/.test(atlasRegion)) {
    const region = atlasRegion.toLowerCase().replaceAll('_', '-');
    return `https://${region}.console.aws.amazon.com/vpcconsole/home?region=${region}#EndpointDetails:vpcEndpointId=${id}`;
  }
  if (cloud === 'AZURE' && /^\/subscriptions\/[\w.()/-]+$/.test(id)) return `https://portal.azure.com/#@/resource${id}`;
  return null;
}

function anchor(url: string, words: string): Html {
  return html` <a href="${url}" rel="noreferrer">${words}</a>`;
}
