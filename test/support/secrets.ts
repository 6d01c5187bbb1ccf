/** Looks for secrets in whatever a program told, in every spelling that a log, a page or a header may give them. */
import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoKeys } from '../../src/simulator/simulator.ts';

/** Marked secrets by what they are. */
export type Secrets = Readonly<Record<string, string>>;

/** What was told, by where. */
export type Told = Readonly<Record<string, string>>;

const realms = ['MMS Public API', 'atlas'];

/** Where any of these secrets stands in what was told: `the log: the key as base64`. */
export function findSecrets(told: Told, secrets: Secrets, users: readonly string[] = []): readonly string[] {
  const wanted = Object.entries(secrets).flatMap(([what, secret]) =>
    Object.entries(spellings(secret, users)).map(([how, text]) => ({ name: `${what} as ${how}`, text })),
  );
  return Object.entries(told).flatMap(([where, text]) => {
    const lower = text.toLowerCase();
    return wanted.filter((one) => lower.includes(one.text.toLowerCase())).map(({ name }) => `${where}: ${name}`);
  });
}

/** Every way to write a secret that a reader could turn back, and the hashes that are as good as the secret itself. */
export function spellings(secret: string, users: readonly string[] = []): Readonly<Record<string, string>> {
  const bytes = Buffer.from(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  return {
    'plain text': secret,
    'plain text, cut': secret.slice(0, Math.ceil(secret.length * 0.6)),
    ...aligned('base64', bytes),
    ...aligned('base64url', bytes),
    hex: bytes.toString('hex'),
    'percent encoding': encodeURIComponent(secret),
    'percent encoding of everything': [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    'form encoding': new URLSearchParams([['', secret]]).toString().slice(1),
    'a JSON string': json,
    'a JSON string in a JSON string': JSON.stringify(json).slice(1, -1),
    'a JSON string of escapes': [...secret]
      .map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
    HTML: secret.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`),
    'named HTML': secret.replace(/[&<>"']/g, (letter) => htmlNames[letter] ?? letter),
    'UTF-16': Buffer.from(secret, 'utf16le').toString('latin1'),
    'a list of bytes': [...bytes].join(','),
    'a list of bytes, spaced': [...bytes].join(', '),
    ...hashes(secret, users),
  };
}

const htmlNames: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Wherever it begins in a longer text that was encoded whole. */
function aligned(encoding: 'base64' | 'base64url', bytes: Buffer): Record<string, string> {
  const at = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString(encoding)
      .replaceAll('=', '');
    // Letters that hold bits of what stands before or behind are left out.
    return [
      `${encoding} at ${before}`,
      text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)),
    ];
  });
  return Object.fromEntries(at);
}

/** HA1 of digest is all that one needs to log in. */
function hashes(secret: string, users: readonly string[]): Record<string, string> {
  const inputs = users.flatMap((user) =>
    realms.map((realm) => [`HA1 of ${user} in ${realm}`, `${user}:${realm}:${secret}`] as const),
  );
  const algorithms = ['md5', 'sha1', 'sha256'] as const;
  return Object.fromEntries(
    [['a hash', secret] as const, ...inputs].flatMap(([name, input]) =>
      algorithms.map((algorithm) => [`${name} by ${algorithm}`, hash(algorithm, input)]),
    ),
  );
}

/** Fails when a secret that every simulator knows stands in what was told: each scenario ends with it. */
export function expectNoDemoSecret(told: Told): void {
  const { publicKey, privateKey, clientId, clientSecret } = demoKeys;
  const found = findSecrets(told, { 'the private key': privateKey, 'the client secret': clientSecret }, [
    publicKey,
    clientId,
  ]);
  if (found.length > 0) throw new Error(`Secrets were told: ${found.join('; ')}`);
}

/** Every file of a folder, byte by byte, without those that the operator wrote. */
export function filesIn(folder: string, but: RegExp): Told {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !but.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(names.map((name) => [name, readFileSync(name, 'latin1')]));
}
