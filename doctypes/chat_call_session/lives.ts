import type { Site } from '@f-chat/desk'
import { liveDevicesOf } from '../../realtime/devices.ts'
import type { Call, Instant } from './call.ts'
import { withLives } from './machine.ts'
import { callSettings } from './settings.ts'

/**
 * The call with the lives of its devices as this process knows them. A device whose socket is open here lives; one
 * without a socket lives by its calls. A process that has just started knows of nobody yet, and gives everybody the
 * time to come back.
 */
export function withLiveDevices(site: Site, call: Call, now: Instant): Call {
  const live = liveDevicesOf(site)
  const { graceMs, leaseMs, withoutSocketMs } = callSettings(site)
  const startUp = live.since + graceMs
  return withLives(call, (user, device) => {
    if (live.hasSocket(user, device)) return { until: now + leaseMs, isThere: true }
    const heard = live.lastHeard(user, device)
    if (heard !== undefined) return { until: heard + withoutSocketMs, isThere: true }
    return now < startUp ? { until: startUp, isThere: false } : undefined
  })
}
