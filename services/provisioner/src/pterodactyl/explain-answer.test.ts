import { expect, test } from 'vitest'
import { explainAnswer } from './explain-answer.ts'

const root = 'https://panel.example.com'
const html = (title: string, rest = '') =>
  `<!DOCTYPE html><html><head><title>${title}</title></head><body>${rest}</body></html>`
const nginx = (line: string) =>
  `<html>\r\n<head><title>${line}</title></head>\r\n<body>\r\n<center><h1>${line}</h1></center>\r\n<hr><center>nginx</center>`

type Case = [
  what: string,
  by: string,
  answer: { status: number; headers?: Record<string, string>; text?: string; target?: string },
  words: RegExp,
]

// Pages as public reports quote them; each line is one of a kind.
const cases: Case[] = [
  [
    'the challenge of Cloudflare',
    'challenge',
    {
      status: 403,
      headers: { server: 'cloudflare', 'cf-mitigated': 'challenge', 'cf-ray': '8a' },
      text: html('Just a moment...'),
    },
    /Cloudflare in front of https:\/\/panel\.example\.com answered 403.*let this machine's address past it/,
  ],
  [
    'its older one',
    'challenge',
    {
      status: 503,
      headers: { server: 'cloudflare' },
      text: html('Just a moment...', '<script src="/cdn-cgi/challenge-platform/h/g">'),
    },
    /Cloudflare.*503/,
  ],
  [
    'its block',
    'challenge',
    { status: 403, headers: { server: 'cloudflare' }, text: html('Attention Required! | Cloudflare') },
    /Cloudflare.*403/,
  ],
  [
    'its code',
    'challenge',
    { status: 403, headers: { server: 'cloudflare', 'cf-ray': '8a' }, text: 'error code: 1020' },
    /Cloudflare/,
  ],
  [
    'its limit',
    'challenge',
    { status: 429, headers: { server: 'cloudflare' }, text: 'error code: 1015' },
    /Cloudflare.*429/,
  ],
  [
    'the challenge of DDoS-Guard',
    'challenge',
    { status: 403, headers: { server: 'ddos-guard' }, text: html('DDoS-Guard') },
    /protection service/,
  ],
  [
    'a challenge answered 200',
    'challenge',
    { status: 200, text: html('One moment', 'Checking your browser') },
    /answered 200/,
  ],
  [
    'Cloudflare without an origin',
    'proxy',
    {
      status: 521,
      headers: { server: 'cloudflare', 'cf-ray': '8a' },
      text: html('panel | 521: Web server is down'),
    },
    /521: .*refuses connections/,
  ],
  [
    'Cloudflare out of patience',
    'proxy',
    { status: 524, headers: { server: 'cloudflare' }, text: '' },
    /524: .*longer than 100 s/,
  ],
  [
    'nginx without PHP',
    'proxy',
    { status: 502, headers: { server: 'nginx/1.24.0' }, text: nginx('502 Bad Gateway') },
    /\(nginx\) at https:\/\/panel\.example\.com answered 502 .*php-fpm/,
  ],
  [
    'nginx whose PHP hangs',
    'proxy',
    { status: 504, headers: { server: 'nginx' }, text: nginx('504 Gateway Time-out') },
    /504 Gateway Timeout/,
  ],
  [
    'Traefik without a panel',
    'proxy',
    { status: 503, text: 'no available server' },
    /The web server at .*503/,
  ],
  [
    'http that leads to https',
    'redirect',
    {
      status: 301,
      headers: { location: 'https://panel.example.com/api/application/nests?per_page=1' },
      target: 'http://panel.example.com',
    },
    /http:\/\/panel\.example\.com redirects \(301\).*set the address to https:\/\/panel\.example\.com\.$/,
  ],
  [
    'another name',
    'redirect',
    { status: 308, headers: { location: 'https://new.example.com/api/application/nests' } },
    /set the address to https:\/\/new\.example\.com\.$/,
  ],
  [
    'the login page',
    'login',
    { status: 302, headers: { location: '/auth/login' } },
    /login page.*Accept and Authorization/,
  ],
  [
    'Cloudflare Access',
    'login',
    { status: 302, headers: { location: 'https://shop.cloudflareaccess.com/cdn-cgi/access/login/panel' } },
    /login service stands in front/,
  ],
  ['a redirect to nowhere', 'redirect', { status: 302 }, /redirects \(302\) to nowhere/],
  [
    'a path with nothing there',
    'page',
    { status: 404, headers: { server: 'nginx' }, text: nginx('404 Not Found'), target: `${root}/panel` },
    /\(nginx\).*404 titled "404 Not Found".*without \/panel/,
  ],
  [
    'the welcome of nginx',
    'page',
    { status: 200, text: html('Welcome to nginx!') },
    /titled "Welcome to nginx!".*is this the address of a panel/,
  ],
  [
    "the panel's own pages",
    'page',
    { status: 200, text: html('Pterodactyl', '<script>window.SiteConfiguration = {}</script>') },
    /pages of a panel for browsers/,
  ],
  [
    'a title that would move the cursor',
    'page',
    { status: 200, text: html('\u001b[2J\r\nHi') },
    /titled "\[2J Hi"/,
  ],
  ['nothing', 'page', { status: 200, text: '' }, /answered 200 with nothing/],
  ['half an answer', 'page', { status: 200, text: '{"object":' }, /something that is not JSON/],
]

test.each(cases)('%s is told apart', (_, by, { status, headers = {}, text = '', target = root }, words) => {
  const { by: found, detail } = explainAnswer({ status, headers: new Headers(headers), text, target })
  expect({ found, detail }).toEqual({ found: by, detail: expect.stringMatching(words) })
  expect(detail).not.toMatch(/\p{Cc}/u)
})
