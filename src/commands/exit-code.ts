/** What the process ends with; scripts and CI rely on these. */
export const exitCode = {
  ok: 0,
  altered: 1,
  differ: 1,
  undecided: 2,
  failed: 3,
  usage: 64,
  invalidRunbook: 65,
  preflight: 69,
  bug: 70,
  refused: 77,
  notRestored: 80,
  timedOut: 124,
  interrupted: 130,
  terminated: 143,
} as const;

/** Of runs on several hosts the gravest decides; whatever ended all of them comes before what one of them found. */
const gravest: readonly number[] = [
  exitCode.notRestored,
  exitCode.bug,
  exitCode.terminated,
  exitCode.interrupted,
  exitCode.timedOut,
  exitCode.failed,
  exitCode.preflight,
  exitCode.undecided,
];

export const mostSerious = (codes: readonly number[]): number =>
  gravest.find((code) => codes.includes(code)) ?? exitCode.ok;
