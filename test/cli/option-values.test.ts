import { InvalidArgumentError } from 'commander';
import { expect, test } from 'vitest';
import { listenAddress, parsed, path, positive, telemetryPath, wholeNumber } from '../../src/cli/option-values.ts';

test('addresses gather, in their order', () => {
  const first = listenAddress('127.0.0.1:1');
  expect(listenAddress(':2', first)).toEqual([
    { host: '127.0.0.1', port: 1 },
    { host: null, port: 2 },
  ]);
});

test('what can be read is read', () => {
  expect([wholeNumber('0'), positive('12'), path(' a '), telemetryPath('/m')]).toEqual([0, 12, ' a ', '/m']);
});

test.each<[string, () => unknown, RegExp]>([
  ['a word for a number', () => wholeNumber('many'), /^Write a whole number\.$/],
  ['a fraction', () => wholeNumber('1.5'), /^Write a whole number\.$/],
  ['a number without end', () => wholeNumber('9'.repeat(10)), /^Write a whole number\.$/],
  ['nothing of what there must be one of', () => positive('0'), /^Write a number above 0\.$/],
  ['an empty path', () => path('\t'), /^It is empty: write a path, or leave the option out\.$/],
  ['a bad address', () => listenAddress('99999'), /^Bad listen address "99999": /],
  ['a bad path of the metrics', () => telemetryPath('metrics'), /./],
  ['whatever a parser throws', () => parsed('x', () => JSON.parse('x')), /JSON/],
])('%s is a mistake of the user, in words', (_name, parse, message) => {
  expect(parse).toThrow(InvalidArgumentError);
  expect(parse).toThrow(message);
});
