import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { certificatesProblem } from '../../src/config/certificates.ts';

const read = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8');
const one = read('server.pem');
const key = read('server.key');

test.each([
  ['one', one],
  ['several, with words between them', `# the first\n${one}\n# the second\n${read('renewed.pem')}`],
  ['one with line ends of Windows', one.replaceAll('\n', '\r\n')],
  ['one beside a key', `${key}\n${one}`],
])('%s can be used', (_name, text) => {
  expect(certificatesProblem(text)).toBeNull();
});

test.each([
  ['nothing', '', /^holds no certificate: write certificates in PEM form/],
  ['other text', 'hello\n', /^holds no certificate/],
  ['a key', key, /^holds no certificate/],
  ['a certificate that ends early', one.slice(0, one.length / 2), /cut short/],
  ['a second one that ends early', `${one}${one.slice(0, one.length / 2)}`, /cut short/],
  [
    'rubbish for a certificate',
    `${one}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
    /^holds no certificate in block 2 of 2/,
  ],
])('%s is a problem', (_name, text, problem) => {
  expect(certificatesProblem(text)).toMatch(problem);
});
