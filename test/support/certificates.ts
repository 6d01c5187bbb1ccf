import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export interface Authority extends Certificate {
  readonly caFile: string;
  /** A certificate for these names; a negative number of days is one that has expired. */
  issue(names: readonly string[], days?: number): Certificate;
}

function openssl(folder: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** A certificate authority of the test's own, by openssl. */
export function createAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'ca-'));
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    folder,
    'req',
    '-x509',
    ...curve,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=Test CA',
    '-days',
    '30',
  );
  return {
    key: read('ca.key'),
    cert: read('ca.pem'),
    caFile: join(folder, 'ca.pem'),
    issue(names, days = 30) {
      const subject = `/CN=${names[0]}`;
      openssl(folder, 'req', ...curve, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', subject);
      writeFileSync(
        join(folder, 'names'),
        `subjectAltName=${names.map((name) => (/^[\d.:]+$/.test(name) ? `IP:${name}` : `DNS:${name}`)).join(',')}\n`,
      );
      const end = new Date(Date.now() + days * 86_400_000).toISOString().replace(/[-:T]|\.\d+/g, '');
      const start = '20250101000000Z';
      writeFileSync(join(folder, 'index'), '');
      openssl(
        folder,
        'x509',
        '-req',
        '-in',
        'request.pem',
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-out',
        'cert.pem',
        '-extfile',
        'names',
        ...(days > 0 ? ['-days', String(days)] : ['-days', '1']),
      );
      if (days <= 0) reissueExpired(folder, start, end);
      return { key: read('key.pem'), cert: read('cert.pem') };
    },
  };
}

/** `openssl x509` takes no end in the past; `openssl ca` does. */
function reissueExpired(folder: string, start: string, end: string): void {
  const config = [
    '[ca]',
    'default_ca=d',
    '[d]',
    `database=${folder}/index`,
    `new_certs_dir=${folder}`,
    'default_md=sha256',
    'policy=p',
    'rand_serial=yes',
    'unique_subject=no',
    '[p]',
    'commonName=supplied',
  ];
  writeFileSync(join(folder, 'ca.cnf'), `${config.join('\n')}\n`);
  openssl(
    folder,
    'ca',
    '-batch',
    '-config',
    'ca.cnf',
    '-cert',
    'ca.pem',
    '-keyfile',
    'ca.key',
    '-in',
    'request.pem',
    '-out',
    'cert.pem',
    '-startdate',
    start,
    '-enddate',
    end,
    '-extfile',
    'names',
    '-notext',
  );
}
