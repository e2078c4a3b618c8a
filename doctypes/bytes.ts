const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const

/** A size for people: `512 B`, `1.5 KB`; 1024 of each make one of the next. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0]
  while (value >= 1024 && unit < UNITS.length - 1) [value, unit] = [value / 1024, unit + 1]
  return `${unit === 0 ? String(Math.round(value)) : value.toFixed(1).replace(/\.0$/, '')} ${UNITS[unit] ?? ''}`
}
