/** Changes that connections, interface endpoints and endpoints of other kinds have in common. */
import type { WorldBook } from './book.ts';
import type { ErrorStep } from './history.ts';
import type { Thing } from './model.ts';
import { memberStatus } from './names.ts';

export interface ThingActs {
  /** The members of a GCP group follow. */
  setStatus(thing: Thing, status: string): void;
  setErrorMessage(thing: Thing, text: string | null): void;
  /** Sets the same message in other words: only the history tells it from `setErrorMessage`. */
  reword(thing: Thing, text: string): void;
}

export function createThingActs({ present, recordStatus, recordError }: WorldBook): ThingActs {
  const setError = (thing: Thing, text: string | null, step?: ErrorStep) => {
    const found = present(thing);
    const from = thing.errorMessage;
    if (from === text) return;
    found.errorMessage = text;
    recordError(thing, from, text, step);
  };
  return {
    setStatus(thing, status) {
      const found = present(thing);
      const from = thing.status;
      if (from === status) return;
      found.status = status;
      if (found.type === 'connection') found.built ||= status === 'AVAILABLE' || status === 'WAITING_FOR_USER';
      if (found.type === 'interface_endpoint') {
        found.deleteRequested ||= status === 'DELETING';
        found.members = found.members.map((member) => ({ ...member, status: memberStatus(status) }));
      }
      recordStatus(thing, from, status);
    },
    setErrorMessage: (thing, text) => setError(thing, text),
    reword: (thing, text) => setError(thing, text, 'reworded'),
  };
}
