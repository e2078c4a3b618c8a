import { deskClient } from '../../client/client.ts'
import type { Boot } from '../../client/boot.ts'
import { __ } from '../../client/translate.ts'
import { showAlert, type Alert } from './alerts.ts'
import { messagesOf } from './server.ts'

type Args = Record<string, unknown>

interface CallOptions {
  method: string
  args?: Args
  callback?: (answer: { message: unknown }) => void
  error?: (error: unknown) => void
}

/** What scripts written for Frappe's desk find in `window.frappe`: its oldest and most used corner. */
export interface FrappeGlobal {
  boot: Boot
  csrf_token: string
  session: { user: string }
  /** Calls a whitelisted method; a failure is shown as an alert, and rejects. */
  call(options: CallOptions | string, args?: Args): Promise<{ message: unknown }>
  /** Calls a whitelisted method and resolves with its result alone; the caller deals with failures. */
  xcall(method: string, args?: Args): Promise<unknown>
  show_alert(alert: string | Alert, seconds?: number): void
}

declare global {
  interface Window {
    __: typeof __
  }
}

/** Sets `window.frappe` and `__`. */
export function installFrappe(): void {
  const { boot } = deskClient()
  const frappe: FrappeGlobal = {
    boot,
    csrf_token: boot.csrf_token,
    session: { user: boot.user.name },
    async call(options, args) {
      const {
        method,
        callback,
        error: onError,
        ...rest
      } = typeof options === 'string' ? { method: options } : options
      try {
        const answer = { message: await deskClient().call<unknown>(method, args ?? argsOf(rest)) }
        callback?.(answer)
        return answer
      } catch (error) {
        if (onError) onError(error)
        else showAlert({ message: messagesOf(error).join(' '), indicator: 'red' })
        throw error
      }
    },
    xcall: (method, args) => deskClient().call<unknown>(method, args ?? {}),
    show_alert: showAlert,
  }
  Object.assign(window, { frappe, __ })
}

function argsOf(options: { args?: Args }): Args {
  return options.args ?? {}
}
