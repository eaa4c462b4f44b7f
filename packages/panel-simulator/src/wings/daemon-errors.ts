import { PanelError } from '../http/errors.ts'

/** The response of Wings, as far as the panel passes it on. */
type DaemonAnswer = { status: number; error?: string | undefined; requestId?: string | undefined }

/** Refused, cut, garbage or too late: to the panel it is all the same. */
export function daemonUnreachable() {
  return new PanelError(
    504,
    'DaemonConnectionException',
    'Could not establish a connection to the machine running this server. Please try again.',
    { as: 'display' },
  )
}

/** The panel answers with the status of Wings, so a 403 or 404 of this code is not about the caller's key or server. */
export function daemonRefused({ status, error, requestId = '' }: DaemonAnswer) {
  const generic = `There was an error while communicating with the machine running this server. This error has been logged, please try again. (code: ${status}) (request_id: ${requestId})`
  const detail =
    status < 500
      ? `An error occurred on the remote host: ${error ?? generic}. (request id: ${requestId})`
      : generic
  return new PanelError(status, 'DaemonConnectionException', detail, { as: 'display' })
}
