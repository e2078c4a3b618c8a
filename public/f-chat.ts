import { adoptTokens, deskReady } from '@f-chat/desk/client'

// Before the page's user is known no element of the chat may ask for it.
const { boot } = await deskReady()
const [{ placeNavbar }, { chatStore }] = await Promise.all([
  import('./navbar/place.ts'),
  import('./shared/store/index.ts'),
  import('./navbar/f-chat-navbar.ts'),
])
if (boot.user.name !== 'Guest') {
  chatStore().start()
  await adoptTokens()
  placeNavbar()
}
