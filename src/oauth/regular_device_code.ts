/**
 * Returns a device authorization response (RFC 8628 §3.2) in the form that the
 * strict library reads: some servers name or write parts of it otherwise.
 *
 * @param response A response with JSON.
 * @returns The same, or an error answer unchanged.
 */
export async function regularDeviceCode(
  response: Response,
): Promise<Response> {
  if (!response.ok) return response;
  const entries: Record<string, unknown> = await response.json();
  const { verification_uri, verification_url, interval } = entries;
  const complete = entries["verification_uri_complete"];
  return Response.json({
    ...entries,
    // Google's name for it.
    verification_uri: verification_uri ?? verification_url,
    verification_uri_complete: typeof complete === "string" && complete !== ""
      ? complete
      : undefined,
    interval: Number(interval) > 0 ? Number(interval) : undefined,
  });
}
