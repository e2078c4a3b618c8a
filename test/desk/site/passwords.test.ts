import t from 'tap'
import { hashPassword, verifyPassword } from '../../../desk/site/passwords.ts'

t.test('a hash opens to its password alone', async (t) => {
  const hash = await hashPassword('Grüße 🔑')
  t.match(hash, /^\$scrypt\$ln=15,r=8,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  t.equal(await verifyPassword('Grüße 🔑', hash), true)
  t.equal(await verifyPassword('Gru\u0308ße 🔑', hash), true, 'however the ü was typed')
  for (const wrong of ['', 'grüße 🔑', 'Grüße 🔑 ', hash]) t.equal(await verifyPassword(wrong, hash), false)
  t.not(await hashPassword('Grüße 🔑'), hash, 'each has its salt')
})

t.test('what is no hash opens to nothing', async (t) => {
  for (const odd of [
    '',
    'plain',
    '*'.repeat(41),
    '$scrypt$ln=15,r=8,p=1$$',
    '$2b$12$abcdefghijklmnopqrstuv',
  ]) {
    t.equal(await verifyPassword(odd, odd), false, odd)
  }
})
