import { deskClient } from '@f-chat/desk/client'
import { ChatStore } from './chat-store.ts'

let shared: ChatStore | undefined

/** The page's one store. */
export function chatStore(): ChatStore {
  return (shared ??= new ChatStore(deskClient()))
}
