/** Hands out anchors that are unique in one report: a taken one gets `-2`, `-3`, … */
export interface Anchors {
  take(wanted: string): string;
}

export function createAnchors(): Anchors {
  const taken = new Map<string, number>();
  return {
    take(wanted) {
      const base = wanted.replace(/[^A-Za-z0-9_.-]+/g, "-");
      const times = (taken.get(base) ?? 0) + 1;
      taken.set(base, times);
      if (times === 1) return base;
      return this.take(`${base}-${times}`);
    },
  };
}
