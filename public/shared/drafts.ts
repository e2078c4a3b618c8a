const key = (user: string, room: string): string => `f-chat.draft.${user}.${room}`

/** What a user began in a room and did not send, in this page's session. */
export function loadDraft(user: string, room: string): string {
  try {
    return sessionStorage.getItem(key(user, room)) ?? ''
  } catch {
    return ''
  }
}

/** Keeps a draft; an empty one is forgotten. Where storage is refused, drafts live as long as the composer. */
export function saveDraft(user: string, room: string, text: string): void {
  try {
    if (text) sessionStorage.setItem(key(user, room), text)
    else sessionStorage.removeItem(key(user, room))
  } catch {
    return
  }
}
