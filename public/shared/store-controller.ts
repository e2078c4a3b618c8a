import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { ChatStore } from './store/chat-store.ts'
import { chatStore } from './store/index.ts'

/** Renders its host again whenever the store changes. */
export class StoreController implements ReactiveController {
  readonly store: ChatStore = chatStore()
  #host: ReactiveControllerHost
  #unsubscribe: (() => void) | undefined

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    this.#unsubscribe = this.store.subscribe(() => this.#host.requestUpdate())
    this.#host.requestUpdate()
  }

  hostDisconnected(): void {
    this.#unsubscribe?.()
  }
}
