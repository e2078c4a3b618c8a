import type { Log } from '../site/site.ts'

/** A log for commands: what goes wrong is told on stderr, the rest is quiet. */
export const consoleLog: Log = {
  info: () => undefined,
  warn: (details, message) => {
    tell('warning', details, message)
  },
  error: (details, message) => {
    tell('error', details, message)
  },
}

function tell(level: string, details: object, message: string): void {
  const { err, ...rest } = details as { err?: unknown }
  const text = err instanceof Error ? err.message : err === undefined ? '' : JSON.stringify(err)
  const more = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : ''
  console.error(`${level}: ${message}${text ? `: ${text}` : ''}${more}`)
}
