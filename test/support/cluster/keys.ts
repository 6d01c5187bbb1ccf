import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Who is known to the API server, by the name of the files: the subject, and extensions of the certificate. */
const subjects = {
  apiserver: [
    '/CN=kube-apiserver',
    'subjectAltName=IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes.default.svc',
  ],
  admin: ['/O=system:masters/CN=admin', 'extendedKeyUsage=clientAuth'],
  'kube-controller-manager': ['/CN=system:kube-controller-manager', 'extendedKeyUsage=clientAuth'],
  'kube-scheduler': ['/CN=system:kube-scheduler', 'extendedKeyUsage=clientAuth'],
} as const;

/** Makes `ca`, `service-accounts` and one pair for each subject in the folder, and a kubeconfig for each client. */
export function createKeys(folder: string, server: string): void {
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl('req', '-x509', ...key, '-days', '3', '-subj', '/CN=test-ca', '-keyout', 'ca.key', '-out', 'ca.crt');
  openssl('genrsa', '-out', 'service-accounts.key', '2048');
  openssl('rsa', '-in', 'service-accounts.key', '-pubout', '-out', 'service-accounts.pub');
  for (const [name, [subject, extension]] of Object.entries(subjects)) {
    writeFileSync(join(folder, `${name}.ext`), extension);
    openssl('req', ...key, '-subj', subject, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '3', '-extfile', `${name}.ext`];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.crt`);
    writeFileSync(join(folder, `${name}.kubeconfig`), JSON.stringify(toKubeconfig(folder, name, server)));
  }
}

function toKubeconfig(folder: string, name: string, server: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': join(folder, 'ca.crt') } }],
    users: [
      {
        name,
        user: { 'client-certificate': join(folder, `${name}.crt`), 'client-key': join(folder, `${name}.key`) },
      },
    ],
    contexts: [{ name: 'test', context: { cluster: 'test', user: name } }],
    'current-context': 'test',
  };
}
