/** Families that connections and interface endpoints share: status, error, and history. */

import { errorChanges } from '../domain/change.ts';
import { errorClass, errorDigest, normaliseErrorMessage, shownErrorMessage } from '../domain/error-message.ts';
import type { History } from '../domain/histories.ts';
import { shownStatus } from '../domain/status.ts';
import { changeHelp, type Family, stateHelp, toSeconds } from './family.ts';

export interface Subject {
  /** Values of the labels that all its families share. */
  readonly labels: readonly string[];
  /** Every status that it can have. */
  readonly statuses: readonly string[];
  /** Status as of the last poll; null when the subject is gone, stale, or known by its id only. */
  readonly facts: Facts | null;
  /** Whether Atlas lists it and the last poll could not read what Atlas says of it. */
  readonly unreadable: boolean;
  /** Counted changes; null when the subject is known by its id only, because then only its coming and going is counted. */
  readonly past: History | null;
  /** Wall ms at which it was seen gone; null while it is listed. */
  readonly goneAt: number | null;
}

interface Facts {
  readonly status: string;
  readonly ready: boolean;
  readonly error: ShownError | null;
}

export interface ShownError {
  readonly class: string;
  readonly digest: string;
  readonly text: string;
}

/** Derives what is shown of an `errorMessage`. `isKnown`: the names that it may name. */
export function toShownError(message: string | null, isKnown: (name: string) => boolean, withText: boolean) {
  if (message === null) return null;
  return {
    class: errorClass(message),
    digest: errorDigest(normaliseErrorMessage(message, isKnown)),
    text: withText ? shownErrorMessage(message) : '',
  } satisfies ShownError;
}

/** The names of the families of one sort of subject. `statusField` is Atlas' name of the field with the status. */
export interface Naming {
  readonly prefix: string;
  readonly thing: string;
  readonly statusField: string;
  readonly labels: readonly string[];
}

const lastChanges = errorChanges.filter((change) => change !== 'reworded');

export function unreadableFamily({ prefix, thing, labels }: Naming): Family<Subject> {
  return {
    name: `${prefix}_unreadable`,
    help: stateHelp(
      `1 while Atlas lists the ${thing} and what it says of it cannot be read, else absent; its other state is not shown then`,
      'Atlas API',
    ),
    type: 'gauge',
    labels,
    samples({ labels, unreadable }, emit) {
      if (unreadable) emit(labels, 1);
    },
  };
}

export function statusFamilies({ prefix, thing, statusField, labels }: Naming) {
  const origin = `Atlas API field ${statusField}`;
  return [
    {
      name: `${prefix}_status`,
      help: stateHelp(`1 for the present status of the ${thing}, 0 for the others`, origin),
      type: 'gauge',
      labels: [...labels, 'status'],
      samples({ labels, statuses, facts }, emit) {
        if (!facts) return;
        const present = shownStatus(statuses, facts.status);
        for (const status of statuses) emit(labels, status === present ? 1 : 0, status);
      },
    },
    {
      name: `${prefix}_status_since_timestamp_seconds`,
      help: stateHelp(
        `When the present status of the ${thing} was first seen, as a Unix time`,
        'the clock of the exporter',
      ),
      type: 'gauge',
      labels,
      samples({ labels, facts, past }, emit) {
        if (facts && past) emit(labels, toSeconds(past.statusSince));
      },
    },
    {
      name: `${prefix}_ready`,
      help: stateHelp(`1 when the ${thing} is usable, else 0`, `${origin}, judged by the exporter`),
      type: 'gauge',
      labels,
      samples({ labels, facts }, emit) {
        if (facts) emit(labels, facts.ready ? 1 : 0);
      },
    },
  ] satisfies Family<Subject>[];
}

export function errorFamilies({ prefix, thing, labels }: Naming) {
  const origin = 'Atlas API field errorMessage';
  return [
    {
      name: `${prefix}_error`,
      help: stateHelp(`1 when the ${thing} has an error message, else 0`, origin),
      type: 'gauge',
      labels,
      samples({ labels, facts }, emit) {
        if (facts) emit(labels, facts.error ? 1 : 0);
      },
    },
    {
      name: `${prefix}_error_info`,
      help: stateHelp(`The error message of the ${thing}; 1, and only there while it has one`, origin),
      type: 'gauge',
      labels: [...labels, 'error_class', 'error_digest', 'error_message'],
      samples({ labels, facts }, emit) {
        if (facts?.error) emit([...labels, facts.error.class, facts.error.digest, facts.error.text], 1);
      },
    },
  ] satisfies Family<Subject>[];
}

export function changeFamilies({ prefix, thing, labels }: Naming) {
  return [
    {
      name: `${prefix}_error_message_changes_total`,
      help: changeHelp(`How often the error message of the ${thing} was set, changed, reworded or cleared`),
      type: 'counter',
      labels: [...labels, 'change'],
      samples({ labels, past }, emit) {
        if (!past) return;
        for (const change of errorChanges) emit(labels, past.errorChanges[change] ?? 0, change);
      },
    },
    {
      name: `${prefix}_error_message_last_change_timestamp_seconds`,
      help: changeHelp(
        `When the error message of the ${thing} was last set, changed or cleared, as a Unix time; 0 for never`,
      ),
      type: 'gauge',
      labels: [...labels, 'change'],
      samples({ labels, past }, emit) {
        if (!past) return;
        for (const change of lastChanges) emit(labels, toSeconds(past.errorChangedAt[change] ?? 0), change);
      },
    },
    {
      name: `${prefix}_status_changes_total`,
      help: changeHelp(`How often the ${thing} entered the status`),
      type: 'counter',
      labels: [...labels, 'status'],
      samples({ labels, statuses, past }, emit) {
        if (!past) return;
        for (const status of statuses) emit(labels, past.statusChanges[status] ?? 0, status);
      },
    },
    {
      name: `${prefix}_removed_timestamp_seconds`,
      help: changeHelp(`When the ${thing} was seen gone, as a Unix time; only of what is gone, for a while`),
      type: 'gauge',
      labels,
      samples({ labels, goneAt }, emit) {
        if (goneAt !== null) emit(labels, toSeconds(goneAt));
      },
    },
  ] satisfies Family<Subject>[];
}
