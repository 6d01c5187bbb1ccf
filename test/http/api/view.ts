/** A view of one project, with one link and the clusters that hang on it. */
import type { Cluster } from '../../../src/domain/cluster.ts';
import type { FleetView, ProjectStatus } from '../../../src/domain/view.ts';
import { aClusterList, aConnection, aLinkList, anInterfaceEndpoint, epoch } from '../../support/builders.ts';

export const projectId = '5df264b8f10fab7d2cad2f0d';

const links = aLinkList([aConnection('c1', { interfaceEndpoints: [anInterfaceEndpoint('vpce-1')] })]);

/** 90 s after the first poll; `polls` are those of the list of clusters, a minute apart. */
export function viewOfProject(
  polls: readonly (readonly Cluster[])[],
  rest: Partial<Pick<ProjectStatus, 'name' | 'labels'>> = {},
): FleetView {
  const sources = [links, aClusterList(...polls)].map((one) => ({ ...one, nextPollAt: null }));
  const project = { id: projectId, name: `name of ${projectId}`, orgId: '', labels: {}, facts: {}, ...rest };
  return { at: epoch + 90_000, projects: [{ ...project, sources }], credentials: [] };
}
