import type { Call, CallType, FinalStatus } from './call.ts'
import { totalDuration } from './machine.ts'

/** What the room's history says of calls. */
export const startText = (type: CallType): string => `${type} call started`

export function endText(call: Call, status: FinalStatus): string {
  switch (status) {
    case 'Ended':
      return `Call ended · ${durationText(totalDuration(call))}`
    case 'Failed':
      return `Call failed · ${durationText(totalDuration(call))}`
    case 'Rejected':
      return 'Call declined'
    case 'Missed':
      return `Missed ${call.type.toLowerCase()} call`
  }
}

/** `3 min 12 s`. @param total seconds */
export function durationText(total: number): string {
  const parts = [
    [Math.floor(total / 3600), 'h'],
    [Math.floor((total % 3600) / 60), 'min'],
    [total % 60, 's'],
  ] as const
  const shown = parts.filter(([count]) => count > 0).map(([count, unit]) => `${String(count)} ${unit}`)
  return shown.length > 0 ? shown.join(' ') : '0 s'
}
