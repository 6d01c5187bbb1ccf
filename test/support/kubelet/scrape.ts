import { request } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';

export interface Answered {
  readonly status: number;
  readonly text: string;
  /** Of the server's certificate: '' without TLS. */
  readonly serialNumber: string;
}

/** GET on the pod's port, as somebody in the cluster asks; a new connection each time. The certificate is only looked at. */
export function get(
  url: string,
  options: { readonly user?: string; readonly cert?: string; readonly key?: string } = {},
): Promise<Answered> {
  const { user, ...pair } = options;
  const send = url.startsWith('https:') ? tlsRequest : request;
  const headers = user === undefined ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` };
  return new Promise((resolve, reject) => {
    const asked = send(
      url,
      { agent: false, headers, rejectUnauthorized: false, timeout: 10_000, ...pair },
      (answer) => {
        const socket = answer.socket as Partial<TLSSocket>;
        const serialNumber = socket.getPeerCertificate?.().serialNumber ?? '';
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString(), serialNumber }),
        );
      },
    );
    asked.on('error', reject);
    asked.on('timeout', () => asked.destroy(new Error('No answer')));
    asked.end();
  });
}
