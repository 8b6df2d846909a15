/** `0.4 ms`, `12 ms`, `1.2 s`, `2 min 05 s`, `1 h 02 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 10 && !Number.isInteger(milliseconds)) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const tenths = Math.round(milliseconds / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

const two = (value: number): string => String(value).padStart(2, "0");

const units = ["bytes", "KiB", "MiB", "GiB", "TiB"] as const;

/** `1 byte`, `512 bytes`, `4.0 KiB`, `1.5 GiB`. */
export function bytes(count: number): string {
  if (count === 1) return "1 byte";
  let unit = 0;
  let value = count;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${units[unit]}`;
}

/** `1 line`, `12 lines`, `no lines`, with thousands apart: `12 345 lines`. */
export function count(amount: number, noun: string, plural = `${noun}s`): string {
  if (amount === 0) return `no ${plural}`;
  return `${String(amount).replace(/\B(?=(\d{3})+$)/g, " ")} ${amount === 1 ? noun : plural}`;
}
