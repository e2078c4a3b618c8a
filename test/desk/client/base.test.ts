import t from 'tap'
import { baseOf } from '../../../desk/client/base.ts'

t.test('where the site lies is known by its scripts', (t) => {
  const page = 'https://shop.example/orders/3'
  for (const [script, base] of [
    ['https://shop.example/assets/f_chat/f-chat.js', ''],
    ['https://shop.example/assets/f_chat/chunk-ABCDEFGH.js?v=1', ''],
    ['https://shop.example/chat-desk/assets/f_chat/f-chat.js', '/chat-desk'],
    ['https://shop.example/a/b/assets/desk/login.js', '/a/b'],
    ['https://shop.example/assets/assets/f_chat/f-chat.js', '/assets'],
    ['https://cdn.example/chat-desk/assets/f_chat/f-chat.js', ''],
    ['https://shop.example/bundle.js', ''],
    ['file:///work/desk/client/base.ts', ''],
    ['', ''],
  ])
    t.equal(baseOf(String(script), page), base, String(script))
  t.equal(baseOf('https://shop.example/x/assets/f_chat/f-chat.js', ''), '')
  t.end()
})
