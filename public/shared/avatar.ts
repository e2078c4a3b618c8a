import { deskClient } from '@f-chat/desk/client'
import { html, type TemplateResult } from 'lit'
import { classMap } from 'lit/directives/class-map.js'
import { initialsOf, toneOf } from './names.ts'
import type { Room } from './store/room.ts'

/** A person (round) or a room (square-ish): the picture if there is one, else initials on a colour of its own. */
export function avatar(look: {
  id: string
  name: string
  image?: string
  room?: boolean
  small?: boolean
}): TemplateResult {
  const { id, name, image, room = false, small = false } = look
  const classes = { avatar: true, room, small, [`tone-${toneOf(id)}`]: true }
  return html`<span class=${classMap(classes)} aria-hidden="true"
    >${image ? html`<img src=${deskClient().url(image)} alt="" loading="lazy" />` : initialsOf(name)}</span
  >`
}

/** A room's avatar: the other member's in a Direct Message. */
export const roomAvatar = (room: Room): TemplateResult =>
  room.type === 'Direct Message'
    ? avatar({ id: room.peer?.user ?? room.name, name: room.title, image: room.peer?.user_image ?? '' })
    : avatar({ id: room.name, name: room.title, room: true })
