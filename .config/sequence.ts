/** Workspace · sequence: what takes longest is tested first, so that no worker ends on it alone. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Vitest begins with the largest files; laws and storms are short to write and run longest. */
const longest = /\/(conformance-[^/]+|self|mutants|planted|storm)\.test\.ts$/;

const isLong = ({ moduleId }: TestSpecification): boolean => longest.test(moduleId);

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    // Projects stay apart: they run one after the other.
    const projects = [...new Set(sorted.map(({ project }) => project.name))];
    return projects.flatMap((name) => {
      const own = sorted.filter(({ project }) => project.name === name);
      return [...own.filter(isLong), ...own.filter((file) => !isLong(file))];
    });
  }
}
