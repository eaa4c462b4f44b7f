/**
 * A signal that aborts after `ms`, or together with `parent`; `clear` it once the work is done. `AbortSignal.any` loses a timeout that
 * nothing else refers to: Node collects it as garbage, and the call never ends (github.com/nodejs/node/issues/57736).
 */
export function deadline(ms: number, parent: AbortSignal): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController()
  const abort = () => controller.abort(parent.reason)
  if (parent.aborted) abort()
  parent.addEventListener('abort', abort, { once: true })
  const message = `No answer within ${ms} ms`
  const timer = setTimeout(() => controller.abort(new DOMException(message, 'TimeoutError')), ms)
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer)
      parent.removeEventListener('abort', abort)
    },
  }
}
