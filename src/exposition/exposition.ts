/** What `/metrics` serves: a list of pieces in the order of the catalogue, never one joined text. */
import type { Clock } from '../domain/change.ts';
import { sourceFamilies, toShownSource } from './catalogue.ts';
import type { Description, Format, OwnFamily } from './family.ts';
import {
  freshnessFamilies,
  type ProjectView,
  projectInfo,
  projectRemoved,
  type RemovedProject,
  type SourceView,
} from './sources.ts';
import { endText, headerText, ownSampleText, sampleText } from './text.ts';

export interface Exposed {
  /** In the order in which they are shown, no source twice. */
  readonly sources: Iterable<SourceView>;
  readonly projects: Iterable<ProjectView>;
  readonly removedProjects: Iterable<RemovedProject>;
  readonly own: readonly OwnFamily[];
}

export interface Exposition {
  /** The pieces of one answer. A piece that did not change since the last answer is the very same Buffer. */
  render(exposed: Exposed, format: Format): Promise<readonly Buffer[]>;
}

export interface ExpositionOptions {
  /** Whether the label `error_message` is filled in. */
  readonly errorMessageText: () => boolean;
  readonly clock: Clock;
  /** Lets everything else that waits have its turn. */
  readonly yieldTurn: () => Promise<void>;
}

export function createExposition({ errorMessageText }: ExpositionOptions): Exposition {
  return {
    async render({ sources, projects, removedProjects, own }, format) {
      const withErrorText = errorMessageText();
      const shown = [...sources].map((view) => toShownSource(view, withErrorText));
      const piece = (family: Pick<Description, 'name' | 'help' | 'type'>, samples: string) =>
        samples === '' ? [] : [Buffer.from(headerText(family, format) + samples)];
      return [
        ...piece(projectInfo, sampleText(projectInfo, projects)),
        ...sourceFamilies.flatMap((family) => piece(family, sampleText(family, shown))),
        ...piece(projectRemoved, sampleText(projectRemoved, removedProjects)),
        ...freshnessFamilies.flatMap((family) => piece(family, sampleText(family, shown))),
        ...own.flatMap((family) => piece(family, ownSampleText(family))),
        Buffer.from(endText(format)),
      ];
    },
  };
}
