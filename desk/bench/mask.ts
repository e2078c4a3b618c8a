const MASK = '********'

/** Whether a config key holds something that nobody should read over a shoulder. */
export const isSecret = (key: string): boolean =>
  /(password|secret|token|encryption_key|api_key|_key$)/i.test(key)

/** A config with asterisks for its secrets, also inside lists and addresses such as `redis://user:password@host`. */
export function masked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(masked)
  if (typeof value === 'string') return value.replace(/^(\w+:\/\/[^/:@\s]*:)[^@/\s]+@/, `$1${MASK}@`)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      isSecret(key) || key === 'credential' ? MASK : masked(inner),
    ]),
  )
}
