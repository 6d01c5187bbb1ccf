/** Which look-ups fail: told once for each credential, look-up and reason, however many projects it is about. */
import type { Failure, FailureReason } from '../domain/failure.ts';
import type { LookupQuestion } from '../domain/lookup.ts';

export interface LookupTeller<Name> {
  /** A look-up failed for a reason for which none of its name and credential fails yet. */
  failed(question: LookupQuestion<Name>, failure: Failure): void;
  /** None of a credential's look-ups of this name fails any more. */
  recovered(lookup: Name, credential: string): void;
}

export interface LookupTrouble<Name> {
  failed(question: LookupQuestion<Name>, failure: Failure): void;
  succeeded(question: LookupQuestion<Name>): void;
  /** A question that is no longer asked neither fails nor recovers. */
  forget(question: LookupQuestion<Name>): void;
  isFailing(lookup: Name): boolean;
}

export function createLookupTrouble<Name extends string>(tell: LookupTeller<Name>): LookupTrouble<Name> {
  /** Reasons by subject, for each look-up and credential with a failure. */
  const failing = new Map<string, Map<string, FailureReason>>();
  const keyOf = ({ lookup, credential }: LookupQuestion<Name>) => `${lookup} ${credential}`;

  /** Whether the question was one that failed, and the last one of its look-up and credential. */
  const end = (question: LookupQuestion<Name>): boolean => {
    const group = failing.get(keyOf(question));
    if (!group?.delete(question.subject) || group.size > 0) return false;
    return failing.delete(keyOf(question));
  };

  return {
    failed(question, failure) {
      const group = failing.get(keyOf(question)) ?? new Map<string, FailureReason>();
      failing.set(keyOf(question), group);
      const isNews = ![...group.values()].includes(failure.reason);
      group.set(question.subject, failure.reason);
      if (isNews) tell.failed(question, failure);
    },
    succeeded(question) {
      if (end(question)) tell.recovered(question.lookup, question.credential);
    },
    forget: (question) => void end(question),
    isFailing: (lookup) => [...failing.keys()].some((key) => key.startsWith(`${lookup} `)),
  };
}
