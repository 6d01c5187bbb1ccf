/** `/api/v1/targets`: what a prober may try, in the form of HTTP service discovery of Prometheus. */
import { type ProbeTarget, probeTargets } from '../../domain/targets.ts';
import { type FleetView, type ProjectStatus, toClusterLists } from '../../domain/view.ts';
import { listText } from './json.ts';

/**
 * The whole list, always. Prometheus takes it only when every value of a label is text. Labels that join to /metrics have
 * their final names; the others are for whoever relabels.
 */
export function targetsText({ projects }: FleetView): Generator<string> {
  function* every() {
    for (const project of projects)
      for (const list of toClusterLists(project.sources))
        for (const target of probeTargets(list)) yield group(project, target);
  }
  return listText(every());
}

function group({ id, name }: ProjectStatus, { address, clusterName, stringType, endpoint }: ProbeTarget): object {
  return {
    targets: [address],
    labels: {
      atlas_project_id: id,
      cluster_name: clusterName,
      ...(endpoint && {
        cloud_provider: endpoint.cloudProvider,
        atlas_region: endpoint.region,
        interface_endpoint_id: endpoint.id,
      }),
      __meta_mongodb_atlas_project_name: name,
      __meta_mongodb_atlas_connection_string_type: stringType,
    },
  };
}
