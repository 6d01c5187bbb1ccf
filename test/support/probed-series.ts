/** What blackbox_exporter would have said of hosts and ports, as series of a story: one job for each of its two modules. */
import { seriesOf } from './exposition-parser.ts';

/** Labels of what a prober finds behind one interface endpoint. */
export const behind = {
  prober: 'apps:9115',
  cloud_provider: 'AWS',
  atlas_region: 'US_EAST_1',
  interface_endpoint_id: 'vpce-1',
};

/** A host and port, as a prober finds it. */
export interface Probed {
  readonly address: string;
  readonly projectId: string;
  readonly cluster: string;
  /** The interface endpoint that all hosts of its string are behind, on AWS; none where the string goes through several. */
  readonly endpoint?: string;
  /** What a prober gets. `untrusted`: the port answers, TLS with it fails. `unnamed`: its name has no address. */
  readonly answer: 'all' | 'untrusted' | 'none' | 'unnamed';
  /** When the certificate that is shown ends, in Unix seconds. */
  readonly certificateEnd: number;
  readonly prober?: string;
}

/** Of both modules. */
export function toProbeSamples(probed: readonly Probed[]): readonly (readonly [series: string, value: number])[] {
  return probed.flatMap(({ address, projectId, cluster, endpoint, answer, certificateEnd, prober = 'apps:9115' }) => {
    const behind = { cloud_provider: 'AWS', atlas_region: 'US_EAST_1', interface_endpoint_id: endpoint ?? '' };
    const labels = (job: string) => ({
      ...{ job, instance: address, prober, atlas_project_id: projectId, cluster_name: cluster },
      ...(endpoint === undefined ? {} : behind),
    });
    const found = answer === 'unnamed' ? 0 : 4;
    const said = (job: string, success: boolean) =>
      [
        [seriesOf('probe_success', labels(job)), Number(success)],
        [seriesOf('probe_ip_protocol', labels(job)), found],
      ] as const;
    return [
      ...said('blackbox-tcp', answer === 'all' || answer === 'untrusted'),
      ...said('blackbox-tcp-tls', answer === 'all'),
      ...(answer === 'all'
        ? ([[seriesOf('probe_ssl_earliest_cert_expiry', labels('blackbox-tcp-tls')), certificateEnd]] as const)
        : []),
    ];
  });
}
