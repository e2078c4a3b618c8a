const key = (room: string): string => `f-chat.draft.${room}`

/** What was begun in a room and not sent, in this page's session. */
export function loadDraft(room: string): string {
  try {
    return sessionStorage.getItem(key(room)) ?? ''
  } catch {
    return ''
  }
}

/** Keeps a draft; an empty one is forgotten. Where storage is refused, drafts live as long as the composer. */
export function saveDraft(room: string, text: string): void {
  try {
    if (text) sessionStorage.setItem(key(room), text)
    else sessionStorage.removeItem(key(room))
  } catch {
    return
  }
}
