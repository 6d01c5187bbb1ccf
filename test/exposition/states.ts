/** A source, and what a poll a minute later makes of it. */
import { recordPoll } from '../../src/domain/poll.ts';
import { aConnection, aFailure, aSnapshot, aSource, at, polled } from '../support/builders.ts';

export const source = aSource();
export const calm = polled(source, [aConnection('c1')]);
export const failed = recordPoll(
  source,
  calm,
  { ok: true, reading: aSnapshot([aConnection('c1', { status: 'FAILED' })]) },
  at(60_000),
).state;
export const down = recordPoll(source, calm, { ok: false, failure: aFailure('timeout') }, at(60_000)).state;
