/** Parsers of the values of options: what they throw is told by commander as a mistake of the user. */
import { InvalidArgumentError } from 'commander';
import { type ListenAddress, parseListenAddress } from '../http/listen-address.ts';
import { parseTelemetryPath } from '../http/metrics/telemetry-path.ts';

export function listenAddress(value: string, before: readonly ListenAddress[] = []): readonly ListenAddress[] {
  return [...before, parsed(value, parseListenAddress)];
}

/** Applies a parser whose errors are written for the user. */
export function parsed<T>(value: string, parse: (text: string) => T): T {
  try {
    return parse(value);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

export function wholeNumber(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('Write a whole number.');
  return Number(value);
}

export function positive(value: string): number {
  const number = wholeNumber(value);
  if (number === 0) throw new InvalidArgumentError('Write a number above 0.');
  return number;
}

/** A path that is not empty: an empty one is most often a variable that is not set. */
export function path(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('It is empty: write a path, or leave the option out.');
  return value;
}

export function telemetryPath(value: string): string {
  return parsed(value, parseTelemetryPath);
}

const units = { s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** `30s`, `20m`, `2h`, in ms. */
export function duration(value: string): number {
  const [, digits, unit] = /^([1-9]\d{0,5})([smh])$/.exec(value) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('Write a time such as 30s, 20m or 2h.');
  return Number(digits) * (unit === 's' ? units.s : unit === 'm' ? units.m : units.h);
}

/** The name of a scene is checked where the scenes are, when the simulator runs. */
export function sceneName(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
