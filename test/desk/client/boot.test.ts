import t from 'tap'
import { readBoot, readCookies } from '../../../desk/client/boot.ts'

t.test("the desk's own boot is read as it is", async (t) => {
  const user = {
    name: 'asha@example.com',
    full_name: 'Asha',
    user_image: '/files/a.png',
    user_type: 'System User',
    roles: ['Chat User'],
    language: 'de',
  }
  const boot = {
    user,
    sitename: 'demo',
    csrf_token: 'secret',
    lang: 'de',
    time_zone: { system: 'Europe/Berlin' },
    build: 'b1',
    protocol: 2,
    apps: [{ name: 'f_chat', title: 'F-Chat' }],
    sidebar: [],
    app_data: { a: 1 },
    login_url: '/chat-desk/login',
  }
  t.same(readBoot({ json: JSON.stringify(boot) }), boot)
})

t.test("Frappe's boot is understood, as an object and as JSON text", async (t) => {
  const frappe = {
    user: { name: 'asha@example.com' },
    user_info: { 'asha@example.com': { fullname: 'Asha Rao', image: '/files/a.png' } },
    sysdefaults: { time_zone: 'Asia/Kolkata' },
    lang: 'hi',
  }
  for (const source of [frappe, JSON.stringify(frappe)]) {
    const boot = readBoot({ frappe: source })
    t.match(boot.user, {
      name: 'asha@example.com',
      full_name: 'Asha Rao',
      user_image: '/files/a.png',
      language: 'hi',
    })
    t.same(boot.time_zone, { system: 'Asia/Kolkata' })
  }
})

t.test('a page without a boot knows its user from the cookies, else it is a guest', async (t) => {
  const cookie = 'full_name=Asha%20Rao; user_id=asha%40example.com; system_user=yes; broken=%E0%A4%A'
  t.match(readBoot({ cookie }).user, {
    name: 'asha@example.com',
    full_name: 'Asha Rao',
    user_type: 'System User',
  })
  t.equal(readBoot({}).user.name, 'Guest')
  t.equal(readBoot({ json: '{oops' }).user.name, 'Guest')
  t.same(readCookies('a=1; b=x=y; broken=%E0%A4%A'), { a: '1', b: 'x=y' })
})
