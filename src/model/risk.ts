/** How much a step touches the host, from reading only to what cannot be put back. */
export const risks = ["observe", "perturb", "disrupt"] as const;

export type Risk = (typeof risks)[number];

export const exceeds = (risk: Risk, allowed: Risk): boolean => risks.indexOf(risk) > risks.indexOf(allowed);

export const highest = (all: readonly Risk[]): Risk =>
  all.reduce<Risk>((top, risk) => (exceeds(risk, top) ? risk : top), "observe");
