import { adoptTokens, deskClient } from '@f-chat/desk/client'
import './navbar/f-chat-navbar.ts'
import { placeNavbar } from './navbar/place.ts'
import { chatStore } from './shared/store/index.ts'

if (deskClient().boot.user.name !== 'Guest') {
  chatStore().start()
  void adoptTokens().then(placeNavbar)
}
