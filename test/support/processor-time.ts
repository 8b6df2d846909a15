/** What a piece of work costs in milliseconds of this process: other work on the machine takes from the clock, not from these. */
export function processorTime(work: () => void): number {
  const started = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}
