/** Files of certificate authorities. */
import { X509Certificate } from 'node:crypto';

const begin = '-----BEGIN CERTIFICATE-----';
const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * What is wrong with a text that should hold certificates in PEM form, in words that complete "the file …"; null when
 * nothing is. OpenSSL itself takes a text without certificates, and stops in silence at the first bad one.
 */
export function certificatesProblem(text: string): string | null {
  const begun = text.split(begin).length - 1;
  const blocks = text.match(block) ?? [];
  if (begun === 0) return `holds no certificate: write certificates in PEM form into it (${begin})`;
  if (begun !== blocks.length) return 'holds a certificate that is cut short: write it anew, whole, in PEM form';
  const broken = blocks.findIndex((pem) => !isCertificate(pem)) + 1;
  if (broken === 0) return null;
  return `holds no certificate in block ${broken} of ${blocks.length}: write that one anew in PEM form, or take it out`;
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}
