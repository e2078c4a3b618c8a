import { createHash } from 'node:crypto'

/**
 * The device of a caller that names none: one for each login, in the form of those that pages make themselves. It
 * tells nothing of the session.
 */
export function sessionDevice({
  user,
  session = '',
}: {
  user: string
  session?: string | undefined
}): string {
  const hex = createHash('sha256').update(`device\n${user}\n${session}`).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  )
}
